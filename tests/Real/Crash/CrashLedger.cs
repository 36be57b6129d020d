namespace Pushcart.Tests.Real.Crash;

/// <summary>What the work itself writes down, outside Pushcart: a line when it starts and one when it ends.</summary>
/// <param name="path">Where.</param>
public sealed class CrashLedger(string path)
{
    private const string Prefix = "ACTION_JOB_";

    /// <summary>The script of the action. The commit's file <c>seconds</c> says how long the work takes.</summary>
    public string Script
    {
        get
        {
            const string Who = $"${Prefix}TRIGGER_SOURCE_COMMIT ${Prefix}JOB_ID ${Prefix}JOB_RUN";
            return $"""echo "start {Who}" >> {path}; sleep "$(cat seconds)"; echo "end {Who}" >> {path}""";
        }
    }

    /// <summary>All entries so far.</summary>
    public IReadOnlyList<CrashEntry> Entries => File.Exists(path)
        ? [.. File.ReadAllLines(path).Select(line => line.Split(' ')).Select(words => new CrashEntry(words[0] == "start", words[1], words[2], int.Parse(words[3])))]
        : [];

    /// <summary>The commits that are at work now.</summary>
    public IReadOnlyList<string> AtWork
    {
        get
        {
            var entries = Entries;
            return [.. entries.Where(e => e.IsStart).Select(e => e.Commit).Except(entries.Where(e => !e.IsStart).Select(e => e.Commit))];
        }
    }
}

/// <summary>One line of the ledger.</summary>
public sealed record CrashEntry(bool IsStart, string Commit, string JobId, int Run);
