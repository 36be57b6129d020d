using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using Pushcart.Functions;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Settings;
using Pushcart.Storage;
using Pushcart.Triggers.Checks;

namespace Pushcart.Tests.Unit.Settings;

/// <summary>Every setting, found by its attribute: none can be added without key, range and a comment that states its default.</summary>
public sealed class SettingsTests
{
    private static readonly List<(PropertyInfo Property, SettingAttribute Setting)> s_all =
    [
        .. from type in typeof(SettingAttribute).Assembly.GetTypes()
           from property in type.GetProperties()
           let setting = property.GetCustomAttribute<SettingAttribute>()
           where setting is not null
           select (property, setting),
    ];

    public static TheoryData<string> Keys => [.. s_all.Select(s => s.Setting.Key).Distinct()];

    [Fact]
    public void There_are_settings_and_each_key_is_there_once()
    {
        Assert.True(s_all.Count > 20);
        Assert.Equal(s_all.Count, s_all.Select(s => s.Setting.Key.ToUpperInvariant()).Distinct().Count());
        Assert.All(s_all, s => Assert.Matches("^[A-Z][A-Za-z]+:[A-Z][A-Za-z]+$", s.Setting.Key));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Its_default_is_a_value_that_configuration_could_give(string key)
    {
        var (property, _) = s_all.Single(s => s.Setting.Key == key);
        var settings = Activator.CreateInstance(property.DeclaringType!);
        if (property.GetValue(settings) is not { } standard)
        {
            return;
        }

        var text = standard is TimeSpan duration ? duration.ToString("c", CultureInfo.InvariantCulture) : Convert.ToString(standard, CultureInfo.InvariantCulture);
        var (read, errors) = Read(property.DeclaringType!, (key, text));

        Assert.Empty(errors);
        Assert.Equal(standard, property.GetValue(read));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void What_is_out_of_its_range_or_no_value_is_refused_with_key_and_value(string key)
    {
        var (property, setting) = s_all.Single(s => s.Setting.Key == key);
        if (property.PropertyType == typeof(string))
        {
            return;
        }

        string?[] wrong = ["rubbish", "-1", setting is { Minimum: not (null or "0"), ZeroIsOff: false } ? "0" : null, setting.Maximum is null ? null : property.PropertyType == typeof(int) ? "1000000" : "999d"];
        foreach (var text in wrong.OfType<string>())
        {
            var error = Assert.Single(Read(property.DeclaringType!, (key, text)).Errors);
            Assert.StartsWith($"{key}: '{text}' is not ", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Both_ends_of_its_range_are_in_it(string key)
    {
        var (property, setting) = s_all.Single(s => s.Setting.Key == key);
        foreach (var text in new[] { setting.Minimum, setting.Maximum, setting.ZeroIsOff ? "0" : null }.OfType<string>())
        {
            Assert.Empty(Read(property.DeclaringType!, (key, text)).Errors);
        }
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Its_comment_states_its_default(string key)
    {
        var (property, _) = s_all.Single(s => s.Setting.Key == key);
        var file = Path.ChangeExtension(typeof(SettingAttribute).Assembly.Location, ".xml");
        var name = $"P:{property.DeclaringType!.FullName}.{property.Name}";

        var comment = XDocument.Load(file).Descendants("member").Single(m => m.Attribute("name")!.Value == name).Element("summary")!.Value;

        Assert.Matches("Default:? [^.;]", comment);
    }

    [Fact]
    public void Three_faults_give_three_messages()
    {
        var reader = new SettingsReader(Of(("Jobs:Lease", "soon"), ("Jobs:CreateWithin", "0"), ("Observe:UpAfter", "2h")));

        var settings = reader.Read<JobSettings>();

        Assert.Equal(
            [
                "Jobs:Lease: 'soon' is not a duration such as 30s, 15m or 24h from 2s to 1h",
                "Jobs:CreateWithin: '0' is not a duration such as 30s, 15m or 24h from 500ms to 10m",
                "Observe:UpAfter: '2h' is not a duration such as 30s, 15m or 24h from 1s to 1h",
            ],
            reader.Errors);
        Assert.Equal(new JobSettings(), settings);
    }

    [Fact]
    public void What_configuration_says_stands_over_the_defaults()
    {
        var reader = new SettingsReader(Of(("jobs:lease", " 90s "), ("Storage:Tries", "4"), ("History:Expiration", "0"), ("Jobs:BackOff", "")));

        Assert.Equal(new JobSettings { Lease = TimeSpan.FromSeconds(90) }, reader.Read<JobSettings>());
        Assert.Equal(4, reader.Read<StorageSettings>().Tries);
        Assert.Equal(TimeSpan.Zero, reader.Read<HistorySettings>().Expiration);
        Assert.Empty(reader.Errors);
    }

    public static TheoryData<string, string> Relations => new()
    {
        { "Jobs:CreateWithin", "30s" },
        { "Jobs:CreateTimeout", "40s" },
        { "Observe:LongestGap", "60s" },
        { "Jobs:SendAgain", "31m" },
        { "Jobs:BackOff", "6m" },
        { "Checks:BackOff", "31m" },
    };

    [Theory]
    [MemberData(nameof(Relations))]
    public void A_relation_that_does_not_hold_is_told_by_its_key(string key, string value)
    {
        var reader = new SettingsReader(Of((key, value)));

        reader.Read<JobSettings>().Check(reader);
        reader.Read<CheckSettings>().Check(reader);

        Assert.StartsWith(key + ": ", Assert.Single(reader.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_hold_all_relations()
    {
        var reader = new SettingsReader(Of());

        new JobSettings().Check(reader);
        new CheckSettings().Check(reader);

        Assert.Empty(reader.Errors);
        Assert.True(new StorageSettings().LatestWrite <= TimeSpan.FromSeconds(16));
    }

    [Theory]
    [InlineData("pushcart", true)]
    [InlineData("abc", true)]
    [InlineData("a2345678901234567890", true)]
    [InlineData("ab", false)]
    [InlineData("a23456789012345678901", false)]
    [InlineData("1abc", false)]
    [InlineData("Abc", false)]
    [InlineData("a-bc", false)]
    public void A_prefix_begins_names_of_tables_and_queues(string prefix, bool valid) => Assert.Equal(valid, new StorageSettings { Prefix = prefix }.HasValidPrefix);

    [Fact]
    public void Every_setting_that_a_binding_names_has_a_default()
    {
        var bindings = typeof(Composition).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters())
            .SelectMany(parameter => parameter.CustomAttributes)
            .SelectMany(attribute => attribute.ConstructorArguments)
            .Select(argument => argument.Value as string)
            .OfType<string>()
            .SelectMany(text => text.Split('%').Where((_, i) => i % 2 == 1))
            .Distinct();

        Assert.Equal(bindings.Order(), Composition.Defaults.Keys.Order());
        Assert.Equal(new StorageSettings().Prefix, Composition.Defaults["Storage:Prefix"]);
        Assert.All(Composition.Defaults.Where(d => d.Key.EndsWith(":Schedule", StringComparison.Ordinal)), d => Assert.Equal(6, d.Value!.Split(' ').Length));
    }

    private static IConfiguration Of(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => new KeyValuePair<string, string?>(v.Key, v.Value))).Build();

    private static (object Settings, IReadOnlyList<string> Errors) Read(Type type, params (string, string?)[] values)
    {
        var reader = new SettingsReader(Of(values));
        return (typeof(SettingsReader).GetMethod(nameof(SettingsReader.Read))!.MakeGenericMethod(type).Invoke(reader, [])!, reader.Errors);
    }
}
