using System.Globalization;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Tests.Unit.Simulation.Services;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>Which limits of running jobs may be in force: a process goes by what it has read, which is as old as it may stand still.</summary>
internal sealed class LimitBook(Simulation sim)
{
    // A catalog is 5 s old at most when it is given; then come a process that stands still, and tries of storage.
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(90);
    private readonly List<(DateTimeOffset Since, int Limit)> limits = [(DateTimeOffset.MinValue, SettingsSpec.BuiltIn.MaxRunningJobs)];

    public void Changed(IReadOnlyList<RowChange> changes)
    {
        foreach (var change in changes.Where(c => (c.Before ?? c.After)!.Row.StartsWith(nameof(ResourceKind.Settings), StringComparison.Ordinal)))
        {
            var settings = change.After is { } after ? (SettingsSpec)SpecReader.FromJson(ResourceKind.Settings, (string)after["spec"]!) : SettingsSpec.BuiltIn;
            limits.Add((sim.Clock.Now, settings.MaxRunningJobs));
        }
    }

    /// <summary>True where a slot may be given out now.</summary>
    public bool Allow(string key)
    {
        if (!key.StartsWith($"{Slot.Prefix}{Claiming.Worker}|", StringComparison.Ordinal))
        {
            return true;
        }

        var current = limits.FindLastIndex(l => l.Since <= sim.Clock.Now - Latest);
        return int.Parse(key.Split('|')[^1], CultureInfo.InvariantCulture) < limits.Skip(current).Max(l => l.Limit);
    }
}
