namespace Pushcart.Resources;

/// <summary>
/// A concurrency group of a namespace has one limit, whichever action names it. An action of the cluster runs in any namespace, so its groups count in all.
/// </summary>
public static class GroupLimits
{
    /// <summary>Code of the error in answers of the API.</summary>
    public const string Code = "action.group_limit_differs";

    /// <summary>Finds the groups to which two actions give different limits: one conflict for each action that differs from the first of its group.</summary>
    /// <param name="actions">All actions: those that exist, with those to be applied in their place.</param>
    /// <returns>Conflicts, by name of the actions; empty where there are none.</returns>
    public static IReadOnlyList<GroupConflict> Check(IEnumerable<(ResourceName Name, ActionSpec Spec)> actions)
    {
        var members = actions
            .Where(action => action.Spec.Job.Concurrency is { Group: not null })
            .Select(action => (action.Name, Group: action.Spec.Job.Concurrency!.Group!, action.Spec.Job.Concurrency.Limit))
            // Those of the cluster come first, so that the first of a group is the one that all of it must agree with.
            .OrderBy(member => member.Name.Namespace ?? "", StringComparer.Ordinal)
            .ThenBy(member => member.Name.Name, StringComparer.Ordinal)
            .ToList();
        var conflicts = new List<GroupConflict>();
        for (var i = 0; i < members.Count; i++)
        {
            var later = members[i];
            var first = members.Take(i).FirstOrDefault(earlier => earlier.Group == later.Group
                && (earlier.Name.Namespace is null || later.Name.Namespace is null || earlier.Name.Namespace == later.Name.Namespace));
            if (first.Name is not null && first.Limit != later.Limit)
            {
                conflicts.Add(new GroupConflict(later.Group, first.Name, first.Limit, later.Name, later.Limit));
            }
        }

        return conflicts;
    }
}

/// <summary>Two actions that give one group different limits.</summary>
/// <param name="Group">The group.</param>
/// <param name="First">One action.</param>
/// <param name="FirstLimit">The limit that it gives.</param>
/// <param name="Second">The other action.</param>
/// <param name="SecondLimit">The limit that it gives.</param>
public sealed record GroupConflict(string Group, ResourceName First, int FirstLimit, ResourceName Second, int SecondLimit)
{
    /// <summary>The message for users.</summary>
    public override string ToString() =>
        $"{First} gives the concurrency group {Group} the limit {FirstLimit}, and {Second} gives it {SecondLimit}; a group has one limit: make them equal, or name another group";
}
