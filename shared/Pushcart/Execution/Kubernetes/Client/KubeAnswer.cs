namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>What the Kubernetes API answered: a value, or a failure that can be told apart. A cluster that fails is an outcome, not an exception.</summary>
public readonly record struct KubeAnswer<T> where T : class
{
    private KubeAnswer(T? value, KubeFailure? failure) => (Value, Failure) = (value, failure);

    /// <summary>The value; null exactly where <see cref="Failure"/> is not.</summary>
    public T? Value { get; }

    /// <summary>Why there is no value; null where there is one.</summary>
    public KubeFailure? Failure { get; }

    /// <summary>An answer that carries a value.</summary>
    public static implicit operator KubeAnswer<T>(T value) => new(value, null);

    /// <summary>An answer that carries a failure.</summary>
    public static implicit operator KubeAnswer<T>(KubeFailure failure) => new(null, failure);
}

/// <summary>Why the Kubernetes API gave no answer that can be used.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Message">One sentence for a person: what was asked, of whom, and what came back in the API's own words. Never a secret.</param>
public sealed record KubeFailure(KubeFailureKind Kind, string Message)
{
    /// <summary>The API's word for the failure (<c>AlreadyExists</c>, <c>NotFound</c>, <c>Expired</c>); null where the API itself did not answer.</summary>
    public string? Reason { get; init; }

    /// <summary>Words of <c>details.causes</c> (<c>NamespaceTerminating</c>, <c>FieldValueInvalid</c>); often none.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>The plural name of what the answer speaks of (<c>jobs</c>; <c>namespaces</c> for a create in a namespace that is not there), or null.</summary>
    public string? Subject { get; init; }

    /// <summary>How long the server asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// True where the request may have been carried out although it failed: after a create nobody can tell then. False: surely it was not
    /// (it was refused, or never left this machine).
    /// </summary>
    public bool MayHaveHappened => Kind is KubeFailureKind.ServerError or KubeFailureKind.Unknown;

    /// <summary>True where the same request may do better a moment later.</summary>
    internal bool MayPass { get; init; }
}

/// <summary>The failures of the Kubernetes API that Pushcart tells apart.</summary>
public enum KubeFailureKind
{
    /// <summary>404, said by the API itself: it is surely not there. A gateway's 404 is <see cref="ServerError"/>.</summary>
    NotFound,

    /// <summary>409: it exists already, a precondition does not hold, or somebody else has changed it.</summary>
    Conflict,

    /// <summary>410: what a list was to be continued with has expired. Lists begin anew by themselves; it is seen only where that did not help.</summary>
    Gone,

    /// <summary>422 or 400: the API does not accept what was sent.</summary>
    Invalid,

    /// <summary>403: the message names verb, resource and namespace, and what gives the right.</summary>
    Forbidden,

    /// <summary>401, or there are no credentials to be had: a plugin failed, a token file is missing.</summary>
    Unauthorized,

    /// <summary>429: surely not carried out; see <see cref="KubeFailure.RetryAfter"/>.</summary>
    TooManyRequests,

    /// <summary>5xx, or an answer that is not the API's. Nobody can tell whether the request was carried out.</summary>
    ServerError,

    /// <summary>No connection: refused, name not known, certificate not trusted, or no connection in time. Surely nothing was sent.</summary>
    Unreachable,

    /// <summary>Sent, and then no whole answer: a time-out, or cut off. Nobody can tell whether the request was carried out.</summary>
    Unknown,

    /// <summary>The kubeconfig or the account cannot be used as it is. Nothing was sent.</summary>
    Misconfigured,
}
