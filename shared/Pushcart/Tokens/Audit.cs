using Microsoft.Extensions.Logging;

namespace Pushcart.Tokens;

/// <summary>
/// Records of who did what, and of who was refused: the category <c>Pushcart.Audit</c> of the log, with the fields Who, From, What and Outcome; when, each record of a log has.
/// No value of a token is in it.
/// </summary>
public sealed class Audit(ILoggerFactory loggers)
{
    /// <summary>Category of its records.</summary>
    public const string Category = "Pushcart.Audit";

    private readonly ILogger _log = loggers.CreateLogger(Category);

    /// <summary>Records what was done.</summary>
    /// <param name="who">Who did it: <see cref="Caller.Name"/>, or what of this host did it by itself.</param>
    /// <param name="from">Address of the client; null where it was no request.</param>
    /// <param name="what">What was done, and to what.</param>
    /// <param name="outcome">How it was answered.</param>
    public void Tell(string who, string? from, string what, string outcome) =>
        _log.LogInformation("{Who} from {From}: {What}: {Outcome}", who, from ?? "this host", what, outcome);
}
