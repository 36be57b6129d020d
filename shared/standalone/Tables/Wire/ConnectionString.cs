namespace Azure.Data.Tables.Wire;

/// <summary>Where the Table service is and who asks, read from a connection string. Messages never repeat its text, for it holds the key.</summary>
internal sealed record ConnectionString(Uri Endpoint, TableSharedKeyCredential Credential)
{
    // Name and key of the storage emulator are the same everywhere and published; they are no secret.
    private const string DevelopmentAccount = "devstoreaccount1";
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private const int DevelopmentPort = 10002;

    internal static ConnectionString Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, "connectionString");
        var settings = Split(text);
        if (settings.TryGetValue("UseDevelopmentStorage", out var development) && development.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            var proxy = settings.TryGetValue("DevelopmentStorageProxyUri", out var uri) ? Absolute("DevelopmentStorageProxyUri", uri) : new Uri("http://127.0.0.1");
            var endpoint = new UriBuilder(proxy.Scheme, proxy.Host, DevelopmentPort, DevelopmentAccount).Uri;
            return new(endpoint, new(DevelopmentAccount, DevelopmentKey));
        }

        if (settings.ContainsKey("SharedAccessSignature"))
        {
            throw new InvalidOperationException("The connection string holds a SharedAccessSignature, which is not supported here. Use AccountName and AccountKey.");
        }

        if (!settings.TryGetValue("AccountName", out var account) || !settings.TryGetValue("AccountKey", out var key))
        {
            throw new InvalidOperationException("The connection string names no AccountName or no AccountKey. Copy it anew from the storage account, or use 'UseDevelopmentStorage=true'.");
        }

        return new(settings.TryGetValue("TableEndpoint", out var table) ? Absolute("TableEndpoint", table) : Default(settings, account), Credentials(account, key));
    }

    private static Uri Default(Dictionary<string, string> settings, string account)
    {
        var scheme = settings.GetValueOrDefault("DefaultEndpointsProtocol", "https");
        var suffix = settings.GetValueOrDefault("EndpointSuffix", "core.windows.net");
        return Absolute("EndpointSuffix", $"{scheme}://{account}.table.{suffix}/");
    }

    private static TableSharedKeyCredential Credentials(string account, string key)
    {
        try
        {
            return new(account, key);
        }
        catch (FormatException)
        {
            throw new InvalidOperationException("The AccountKey of the connection string is not base64. Copy it anew from the storage account.");
        }
    }

    private static Uri Absolute(string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new InvalidOperationException($"The {name} of the connection string is no http or https address: '{value}'.");

    private static Dictionary<string, string> Split(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !settings.TryAdd(part[..equals].Trim(), part[(equals + 1)..].Trim()))
            {
                throw new InvalidOperationException("The connection string is not a list of different 'name=value', separated by semicolons.");
            }
        }

        return settings;
    }
}
