using System.Globalization;
using Pushcart.Execution;

namespace Pushcart.Jobs;

/// <summary>Names of runs.</summary>
public static class RunNames
{
    /// <summary>Characters of a name: it is a label's value too.</summary>
    public const int Longest = 63;

    /// <summary><c>&lt;action&gt;-&lt;id&gt;-&lt;run&gt;</c>: the action's name is cut, and its dots, which no label of a domain name has, become dashes; id and run are kept whole.</summary>
    public static RunKey Of(Job job, int? run = null)
    {
        var number = run ?? job.Run;
        var tail = string.Create(CultureInfo.InvariantCulture, $"{job.Id}-{number}");
        var room = Longest - tail.Length - 1;
        var action = job.ActionName.Length <= room ? job.ActionName : job.ActionName[..room];
        return new(job.Namespace, $"{action.Replace('.', '-').TrimEnd('-')}-{tail}", job.Id, number);
    }
}
