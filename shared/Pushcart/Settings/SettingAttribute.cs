namespace Pushcart.Settings;

/// <summary>Names the configuration key of a setting, and the range of its values. Default, unit and relations stand in the property's own comment.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string key) : Attribute
{
    /// <summary>The key, with <c>:</c>; in the environment with <c>__</c>.</summary>
    public string Key { get; } = key;

    /// <summary>The smallest value: a duration as in <see cref="Minimum"/> = <c>1s</c>, or a number.</summary>
    public string? Minimum { get; init; }

    /// <summary>The largest value.</summary>
    public string? Maximum { get; init; }

    /// <summary>True where <c>0</c> is allowed besides the range, and turns the feature off.</summary>
    public bool ZeroIsOff { get; init; }
}
