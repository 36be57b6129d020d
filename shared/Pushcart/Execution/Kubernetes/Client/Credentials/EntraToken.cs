using Azure;
using Azure.Core;
using Azure.Identity;

namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>A Microsoft Entra token for the API server of an AKS cluster.</summary>
internal sealed class EntraToken(TokenCredential credential, TimeProvider time)
{
    /// <summary>The application that stands for the API servers of all AKS clusters.</summary>
    public const string Scope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_early = TimeSpan.FromMinutes(5);

    /// <summary>The credentials of this identity.</summary>
    public static IKubeCredentials Open(TokenCredential credential, TimeProvider time) => new RenewedCredentials(new EntraToken(credential, time).AskAsync, time);

    private async Task<KubeAnswer<DatedCredential>> AskAsync()
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext([Scope]), timeout.Token).AsTask().WaitAsync(timeout.Token).ConfigureAwait(false);
            var fresh = token.ExpiresOn - s_early < time.GetUtcNow() ? time.GetUtcNow() + RenewedCredentials.Pause : token.ExpiresOn - s_early;
            return new DatedCredential(new KubeCredential(token.Token), token.RefreshOn is { } refresh && refresh < fresh ? refresh : fresh, token.ExpiresOn);
        }
        catch (OperationCanceledException)
        {
            return new KubeFailure(KubeFailureKind.Unauthorized, $"Microsoft Entra gave no token within {s_timeout.TotalSeconds:0} s");
        }
        catch (Exception failure) when (failure is AuthenticationFailedException or RequestFailedException)
        {
            return new KubeFailure(KubeFailureKind.Unauthorized, $"Microsoft Entra gives no token: {Shorten(failure.Message)}");
        }
    }

    private static string Shorten(string text) => text.Length > 1000 ? text[..1000] + "…" : text;
}
