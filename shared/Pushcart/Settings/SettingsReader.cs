using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Pushcart.Settings;

/// <summary>
/// Reads records whose properties carry <see cref="SettingAttribute"/> from configuration. All faults are collected: three faults give three messages.
/// </summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _errors = [];

    /// <summary>What is wrong so far: each message names the setting, its value and what would be right.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>A record of settings: its defaults, and over them what configuration says.</summary>
    public T Read<T>() where T : class, new()
    {
        var settings = new T();
        foreach (var property in typeof(T).GetProperties())
        {
            if (property.GetCustomAttribute<SettingAttribute>() is { } setting && configuration[setting.Key] is { Length: > 0 } text)
            {
                Set(settings, property, setting, text.Trim());
            }
        }

        return settings;
    }

    /// <summary>Adds a fault found by the caller: a relation between two settings, say.</summary>
    public void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            _errors.Add(otherwise);
        }
    }

    private void Set(object settings, PropertyInfo property, SettingAttribute setting, string text)
    {
        object? value = null;
        if (property.PropertyType == typeof(string))
        {
            value = text;
        }
        else if (property.PropertyType == typeof(TimeSpan))
        {
            value = Duration.TryParseSetting(text, out var duration, out _) && InRange(duration, setting, Parse) ? duration : null;
        }
        else if (property.PropertyType == typeof(int))
        {
            value = int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                && InRange(number, setting, limit => int.Parse(limit, CultureInfo.InvariantCulture)) ? number : null;
        }
        else if (property.PropertyType == typeof(bool))
        {
            value = bool.TryParse(text, out var flag) ? flag : null;
        }

        if (value is null)
        {
            _errors.Add($"{setting.Key}: '{text}' is not {Expected(property.PropertyType, setting)}");
        }
        else
        {
            property.SetValue(settings, value);
        }
    }

    private static TimeSpan Parse(string limit) =>
        Duration.TryParseSetting(limit, out var duration, out _) ? duration : throw new FormatException($"'{limit}' is no duration");

    private static bool InRange<T>(T value, SettingAttribute setting, Func<string, T> parse) where T : struct, IComparable<T> =>
        (setting.ZeroIsOff && value.CompareTo(default) == 0)
        || ((setting.Minimum is null || value.CompareTo(parse(setting.Minimum)) >= 0)
            && (setting.Maximum is null || value.CompareTo(parse(setting.Maximum)) <= 0));

    private static string Expected(Type type, SettingAttribute setting)
    {
        var what = type == typeof(TimeSpan) ? "a duration such as 30s, 15m or 24h" : type == typeof(int) ? "a whole number" : "true or false";
        var range = (setting.Minimum, setting.Maximum) switch
        {
            (null, null) => "",
            ({ } low, null) => $" of at least {low}",
            (null, { } high) => $" of at most {high}",
            ({ } low, { } high) => $" from {low} to {high}",
        };
        return what + range + (setting.ZeroIsOff ? ", or 0 for off" : "");
    }
}
