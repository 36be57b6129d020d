using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts a function by a schedule, in UTC.</summary>
/// <param name="schedule">Six fields of NCRONTAB, or an interval (<c>00:30:00</c>); <c>%Name%</c> stands for a setting.</param>
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    /// <summary>Six fields of NCRONTAB, or an interval (<c>00:30:00</c>); <c>%Name%</c> stands for a setting.</summary>
    public string Schedule { get; private set; } = schedule;

    /// <summary>
    /// True (the default) where each occurrence is recorded, so that one missed while nothing ran is made up for. A schedule that occurs
    /// more often than once a minute is never recorded.
    /// </summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>True where the function also runs when the host starts.</summary>
    public bool RunOnStartup { get; set; }
}
