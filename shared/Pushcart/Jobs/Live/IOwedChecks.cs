namespace Pushcart.Jobs.Live;

/// <summary>The checks that are owed, as Observe needs them: it sends their messages again.</summary>
public interface IOwedChecks
{
    /// <summary>Sends a message for each owed check whose time has come, and moves that time on.</summary>
    Task SendDueAsync(DateTimeOffset now, CancellationToken cancellation);
}
