namespace Pushcart.Workers.Working.State;

/// <summary>What a worker keeps for its next process. It holds secrets: whoever can read it can be the worker.</summary>
public sealed record WorkerState
{
    /// <summary>Name of the worker, so that another one's state is not taken for its own.</summary>
    public required string Worker { get; init; }

    /// <summary>Drawn once: a restart is the same process to the server, a second one beside it is not.</summary>
    public required string Instance { get; init; }

    /// <summary>True once the server has taken the token below at registration.</summary>
    public bool Registered { get; init; }

    /// <summary>Hash of the registration token that the token and the key below were drawn for; null without registration.</summary>
    public string? Registration { get; init; }

    /// <summary>The worker token that was accepted last, as far as this state knows; null without registration.</summary>
    public string? Token { get; init; }

    /// <summary>The next one, drawn and perhaps accepted; null where none was drawn.</summary>
    public string? NextToken { get; init; }

    /// <summary>The private key made at registration: PKCS #8 in base64. Null without registration.</summary>
    public string? Key { get; init; }

    /// <summary>Never shows a secret.</summary>
    public override string ToString() => $"state of worker {Worker}, instance {Instance}, {(Registered ? "registered" : "not registered")}";
}
