using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pushcart.Tests.Real.Resources.KeyVault;

/// <summary>
/// What a key vault does over TLS, as its reference tells it: without a token it answers 401 and says which one it wants; with one, a secret's value, or 404.
/// Connections to any name end here.
/// </summary>
internal sealed class VaultServer : IAsyncDisposable
{
    public const string Host = "team.vault.azure.net";
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private VaultServer(WebApplication app, X509Certificate2 certificate) => (_app, _certificate) = (app, certificate);

    /// <summary>Its secrets.</summary>
    public Dictionary<string, string> Secrets { get; } = [];

    /// <summary>What it says instead, where it does: status and body.</summary>
    public (int Status, string Body)? Says { get; set; }

    /// <summary>The resource that it wants a token for.</summary>
    public string Resource { get; set; } = "https://vault.azure.net";

    /// <summary>Paths and queries of requests with a token.</summary>
    public List<string> Asked { get; } = [];

    public static async Task<VaultServer> StartAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var server = new VaultServer(builder.Build(), certificate);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Connects to this server whatever the name, and believes its certificate only.</summary>
    public SocketsHttpHandler Transport() => new()
    {
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, new Uri(_app.Urls.First()).Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new() { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _certificate.GetCertHashString() },
    };

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization != $"Bearer {Identity.Token}")
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"{Resource}\"";
            return;
        }

        Asked.Add(context.Request.Path + context.Request.QueryString);
        var name = context.Request.Path.Value!.Split('/')[2];
        if (Says is { } says)
        {
            context.Response.StatusCode = says.Status;
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(says.Body);
        }
        else if (Secrets.TryGetValue(name, out var value))
        {
            await context.Response.WriteAsJsonAsync(new { value, id = $"https://{Host}/secrets/{name}/1", attributes = new { enabled = true } });
        }
        else
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsJsonAsync(new { error = new { code = "SecretNotFound", message = $"A secret with (name/id) {name} was not found in this key vault." } });
        }
    }
}

/// <summary>Who asks: a fixed token, for the scope of key vaults.</summary>
internal sealed class Identity : TokenCredential
{
    public const string Token = "t0ken-of-the-identity";

    public List<string> Scopes { get; } = [];

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Scopes.AddRange(requestContext.Scopes);
        return new AccessToken(Token, TimeProvider.System.GetUtcNow().AddHours(1));
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
