using System.Globalization;
using Pushcart.Execution.Process.Child;

namespace Pushcart.Execution.Process;

/// <summary>The processes of a Linux machine, from <c>/proc</c>. A process that ends while it is looked at is left out.</summary>
internal static class ProcessTable
{
    /// <summary>One process.</summary>
    internal readonly record struct Entry(int Pid, int Parent, int Session, bool Zombie);

    /// <summary>Everything alive below a process, its orphans included where it adopts them.</summary>
    public static List<int> DescendantsOf(int ancestor)
    {
        var children = All().ToLookup(process => process.Parent);
        var (found, next) = (new List<int>(), new Queue<int>([ancestor]));
        while (next.TryDequeue(out var parent))
        {
            foreach (var child in children[parent])
            {
                next.Enqueue(child.Pid);
                if (!child.Zombie)
                {
                    found.Add(child.Pid);
                }
            }
        }

        return found;
    }

    /// <summary>
    /// Who holds a run's lock, and all others of their sessions: those are the run's as well, for it led its session from its first moment.
    /// This process's own session is left out: a program that it is just starting may hold a copy of the descriptor for an instant.
    /// </summary>
    /// <param name="lockPath">The lock as the kernel knows it.</param>
    public static List<int> HoldersOf(string lockPath)
    {
        var own = Posix.SessionOf(0);
        var others = All().Where(process => process.Session != own && !process.Zombie).ToList();
        var sessions = others.Where(process => Holds(process.Pid, lockPath)).Select(process => process.Session).ToHashSet();
        return [.. others.Where(process => sessions.Contains(process.Session)).Select(process => process.Pid)];
    }

    private static List<Entry> All()
    {
        var all = new List<Entry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read(pid) is { } process)
            {
                all.Add(process);
            }
        }

        return all;
    }

    private static Entry? Read(int pid)
    {
        try
        {
            // proc(5): pid (comm) state ppid pgrp session …; comm may hold anything, so the last parenthesis counts.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 5);
            return new Entry(pid, Number(fields[1]), Number(fields[3]), fields[0] is "Z" or "X");
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);

    private static bool Holds(int pid, string lockPath)
    {
        try
        {
            foreach (var descriptor in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
            {
                if (new FileInfo(descriptor).LinkTarget == lockPath)
                {
                    return true;
                }
            }
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            // It is gone, or another user's: neither can be ended by us.
        }

        return false;
    }
}
