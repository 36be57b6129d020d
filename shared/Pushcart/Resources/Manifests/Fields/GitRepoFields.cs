using System.Text.Json.Nodes;
using Pushcart.Git.Ssh;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>The spec of <c>GitRepo</c> and <c>ClusterGitRepo</c>, read and written.</summary>
internal static class GitRepoFields
{
    private const string DefaultCaKey = "ca.crt";
    private const int MostUriCharacters = 2048;

    public static GitRepoSpec Read(FieldReader reader, SpecContext context)
    {
        var uri = reader.RequiredText("repoUri", RepoUri);
        var spec = new GitRepoSpec { RepoUri = uri, Tls = Tls(reader.Object("tlsConfig"), uri, context), Auth = Auth(reader, uri, context) };
        spec = Webhook(spec, reader.Object("webhook"), context);
        reader.Close();
        return spec;
    }

    public static JsonObject Write(GitRepoSpec spec) => new JsonObject()
        .With("repoUri", spec.RepoUri)
        .With("tlsConfig", new JsonObject()
            .With("noVerifySsl", spec.Tls.NoVerifySsl)
            .With("caCert", spec.Tls.CaCert is not { } ca ? null : new JsonObject()
                .With("secretRef", SecretRef(ca.Name, ca.Namespace))
                .With("key", SpecJson.Unless(ca.Key, DefaultCaKey))))
        .With("authConfig", spec.Auth is not { } auth ? null : new JsonObject()
            .With("type", Words.AuthTypes.Word(auth.Type))
            .With("secretRef", SecretRef(auth.SecretName, auth.SecretNamespace))
            .With("keys", new JsonObject()
                .With("username", SpecJson.Unless(auth.UserNameKey, "username"))
                .With("password", SpecJson.Unless(auth.PasswordKey, "password"))
                .With("token", SpecJson.Unless(auth.TokenKey, "token"))
                .With("privateKey", SpecJson.Unless(auth.PrivateKeyKey, "ssh-privatekey"))))
        .With("webhook", new JsonObject()
            .With("secretRef", spec.WebhookSecret is not { } signed ? null : SecretRef(signed.Name, signed.Namespace).With("key", signed.Key))
            .With("manage", spec.ManageWebhook));

    // The value is shown only where it surely holds no credentials.
    private static string? RepoUri(string value)
    {
        if (value.Length > MostUriCharacters || value.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return $"must be an address without spaces, of at most {MostUriCharacters:N0} characters";
        }

        if (SshAddress.IsSsh(value))
        {
            return SshAddress.Fault(value);
        }

        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0)
        {
            return $"must be an address that begins with https://, http:// or ssh://, or have the form user@host:path{(value.Contains('@', StringComparison.Ordinal) ? "" : ", not " + Wording.Quote(value))}";
        }

        if (uri.UserInfo.Length > 0 || uri.Authority.Contains('@', StringComparison.Ordinal))
        {
            return "must not hold credentials; put them in a secret and name it in authConfig.secretRef";
        }

        return uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "must not have a query or a fragment: git adds its own path to the address" : null;
    }

    private static TlsSpec Tls(FieldReader? reader, string uri, SpecContext context)
    {
        if (reader is null)
        {
            return new TlsSpec();
        }

        var noVerify = reader.Flag("noVerifySsl", false);
        var caCert = CaCert(reader.Object("caCert"), context);
        if (SshAddress.IsSsh(uri) || uri.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            var message = $"has no meaning for an {(SshAddress.IsSsh(uri) ? "address of ssh" : "http:// address")}; use https:// or leave it out";
            if (noVerify)
            {
                reader.Fault("noVerifySsl", message);
            }

            if (caCert is not null)
            {
                reader.Fault("caCert", message);
            }
        }

        reader.Close();
        return new TlsSpec { NoVerifySsl = noVerify, CaCert = caCert };
    }

    private static SecretKeyRef? CaCert(FieldReader? reader, SpecContext context)
    {
        if (reader is null)
        {
            return null;
        }

        var (name, ns) = Secret(reader, context);
        var caCert = new SecretKeyRef(ns, name, reader.Text("key", NameRules.SecretKey) ?? DefaultCaKey);
        reader.Close();
        return caCert;
    }

    private static AuthSpec? Auth(FieldReader parent, string uri, SpecContext context)
    {
        var ssh = SshAddress.IsSsh(uri);
        if (parent.Object("authConfig") is not { } reader)
        {
            if (ssh && !parent.Has("authConfig"))
            {
                parent.Fault("authConfig", "is required for an address of ssh: type ssh, and the secret that holds the private key");
            }

            return null;
        }

        AuthType? type = reader.Has("type") ? reader.Choice("type", Words.AuthTypes) : reader.RequiredChoice("type", Words.AuthTypes);
        if (uri.Length > 0 && reader.Has("type") && type is { } chosen && ssh != (chosen == AuthType.Ssh))
        {
            reader.Fault("type", ssh
                ? $"must be ssh for an address of ssh, not {Words.AuthTypes.Word(chosen)}"
                : "ssh is for addresses of ssh (ssh://user@host/path, user@host:path); this address takes basic or token");
        }

        var (name, ns) = Secret(reader, context);
        var auth = Keys(reader.Object("keys"), new AuthSpec { Type = type ?? default, SecretName = name, SecretNamespace = ns });
        reader.Close();
        return auth;
    }

    private static AuthSpec Keys(FieldReader? reader, AuthSpec auth)
    {
        if (reader is null)
        {
            return auth;
        }

        var keys = auth with
        {
            UserNameKey = reader.Text("username", NameRules.SecretKey) ?? auth.UserNameKey,
            PasswordKey = reader.Text("password", NameRules.SecretKey) ?? auth.PasswordKey,
            TokenKey = reader.Text("token", NameRules.SecretKey) ?? auth.TokenKey,
            PrivateKeyKey = reader.Text("privateKey", NameRules.SecretKey) ?? auth.PrivateKeyKey,
        };
        reader.Close();
        return keys;
    }

    private static (string Name, string? Namespace) Secret(FieldReader parent, SpecContext context)
    {
        if (parent.RequiredObject("secretRef") is not { } reader)
        {
            return ("", null);
        }

        var secret = SecretName(reader, context);
        reader.Close();
        return secret;
    }

    private static (string Name, string? Namespace) SecretName(FieldReader reader, SpecContext context)
    {
        var name = reader.RequiredText("name", NameRules.Subdomain);
        var ns = reader.Text("namespace", NameRules.Label);
        if (context.Kind == ResourceKind.GitRepo && ns is not null)
        {
            if (ns != context.Namespace)
            {
                reader.Fault("namespace", $"a GitRepo may only use secrets of its own namespace {context.Namespace}, not of {ns}; leave it out, or make it a ClusterGitRepo");
            }

            ns = null;
        }

        return (name, ns);
    }

    private static GitRepoSpec Webhook(GitRepoSpec spec, FieldReader? reader, SpecContext context)
    {
        if (reader is null)
        {
            return spec;
        }

        SecretKeyRef? secret = null;
        if (reader.Object("secretRef") is { } secretRef)
        {
            var (name, ns) = SecretName(secretRef, context);
            secret = new(ns, name, secretRef.RequiredText("key", NameRules.SecretKey));
            secretRef.Close();
        }

        spec = spec with { WebhookSecret = secret, ManageWebhook = reader.Flag("manage", false) };
        reader.Close();
        return spec;
    }

    private static JsonObject SecretRef(string name, string? ns) => new JsonObject().With("name", name).With("namespace", ns);
}
