namespace Pushcart.Workers.Wire;

/// <summary><c>POST api/workers/register</c>, with a registration token: trades it for a worker token that the worker has drawn itself. The same again is answered the same: a lost answer.</summary>
/// <param name="Worker">Name that an admin has added.</param>
/// <param name="Instance">Drawn once by the worker and kept in its state: a restart is the same one, a second process is not.</param>
/// <param name="TokenHash">SHA-256 of the worker token (<c>pcw_…</c>), 64 hexadecimal digits in lower case.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo of its ECDSA P-256 key in base64; the private part never leaves it.</param>
/// <param name="About">What it is.</param>
public sealed record RegisterRequest(string Worker, string Instance, string TokenHash, string PublicKey, WorkerAbout About);

/// <summary>The answer to register and rejoin.</summary>
/// <param name="TokenLife">How long the token is good, from now.</param>
/// <param name="CheckInInterval">How often to check in: as the worker has said.</param>
/// <param name="LeaseDuration">How long a claim, and a sign of life of a started job, lasts.</param>
/// <param name="RenewEvery">How often to renew a started job.</param>
/// <param name="Installation">Id of the server's installation: a label of every run.</param>
public sealed record RegisterAnswer(TimeSpan TokenLife, TimeSpan CheckInInterval, TimeSpan LeaseDuration, TimeSpan RenewEvery, string Installation);

/// <summary><c>POST api/workers/rejoin</c>, without a token: a worker whose token ran out while it was away proves by its key who it is.</summary>
/// <param name="Worker">Name.</param>
/// <param name="Instance">As it registered.</param>
/// <param name="TokenHash">SHA-256 of its new worker token.</param>
/// <param name="At">Its time, RFC 3339, as it is signed; within 5 minutes of the server's.</param>
/// <param name="Signature">Of <see cref="RejoinText"/>: ECDSA with SHA-256, IEEE P1363, in base64.</param>
public sealed record RejoinRequest(string Worker, string Instance, string TokenHash, string At, string Signature);

/// <summary>What a worker signs in order to rejoin.</summary>
public static class RejoinText
{
    /// <summary>The text, signed as UTF-8.</summary>
    public static string Of(string worker, string instance, string tokenHash, string at) => $"pushcart-rejoin\n{worker}\n{instance}\n{tokenHash}\n{at}";
}
