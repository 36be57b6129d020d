using System.Text;

namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>A bearer token in a file that somebody else writes anew from time to time. It is read again at most every minute, and after a 401.</summary>
internal sealed class TokenFile(string path, TimeProvider time)
{
    private const int LongestToken = 64 * 1024;
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);
    private KubeCredential? _last;

    /// <summary>The credentials of a file.</summary>
    public static IKubeCredentials Open(string path, TimeProvider time) => new RenewedCredentials(new TokenFile(path, time).ReadAsync, time);

    /// <summary>The token's failure, where it cannot be a header's value; never the token.</summary>
    public static string? Fault(string token) => token.Length == 0 ? "is empty"
        : token.Length > LongestToken ? "is longer than any token"
        : token.Any(c => c is <= ' ' or > '~') ? "holds a space, a line break or another character that no token has"
        : null;

    private async Task<KubeAnswer<DatedCredential>> ReadAsync()
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using (stream.ConfigureAwait(false))
            {
                var bytes = new byte[LongestToken + 2];
                var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false).ConfigureAwait(false);
                var token = Encoding.UTF8.GetString(bytes, 0, read).Trim();
                if (Fault(token) is { } fault)
                {
                    return new KubeFailure(KubeFailureKind.Unauthorized, $"the token in {path} {fault}");
                }

                // The same token is the same credential: a 401 to it is not answered by reading it once more.
                _last = _last?.Token == token ? _last : new KubeCredential(token);
                return new DatedCredential(_last, time.GetUtcNow() + s_fresh, UsableUntil: null);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new KubeFailure(KubeFailureKind.Unauthorized, $"the token file {path} cannot be read: {failure.Message}");
        }
    }
}
