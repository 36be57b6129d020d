namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a timer tells the function that it starts.</summary>
public class TimerInfo
{
    /// <summary>The recorded occurrences, or null where the schedule is not recorded.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>True where this run makes up for an occurrence that was missed.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>The recorded occurrences of a timer, in UTC.</summary>
public class ScheduleStatus
{
    /// <summary>The last occurrence that ran; the default value before the first.</summary>
    public DateTime Last { get; set; }

    /// <summary>The occurrence expected next.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this record was last written.</summary>
    public DateTime LastUpdated { get; set; }
}
