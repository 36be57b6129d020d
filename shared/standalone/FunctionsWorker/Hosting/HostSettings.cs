using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>What the standalone host itself is told by configuration, read once and checked whole.</summary>
internal sealed partial record HostSettings
{
    /// <summary>Name of the setting with the connection string of the host's own storage; required.</summary>
    public const string StorageSetting = "AzureWebJobsStorage";

    /// <summary>How long a message is hidden under Azure Functions, where it cannot be set.</summary>
    public static TimeSpan StandardMessageHidden { get; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// <c>Host:Urls</c>, or <c>ASPNETCORE_URLS</c>: addresses to listen on, http or https, separated by <c>;</c>. Default
    /// <c>http://127.0.0.1:7071</c>. Where other machines can reach one by http, the host warns at its start.
    /// </summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>
    /// <c>Host:HealthUrls</c>: further addresses, http and with a port each, such as <c>http://*:8081</c>, which other machines may reach: there, only
    /// functions below <c>healthz/</c> are served. Default none.
    /// </summary>
    public required IReadOnlyList<string> HealthUrls { get; init; }

    /// <summary>
    /// <c>Host:Certificate</c> and <c>Host:CertificateKey</c>: PEM files of the certificate for https, its chain after it, and of its private
    /// key. They are read again when they change. Required, and accepted, only with an https address. Null: none.
    /// </summary>
    public required CertificateFiles? Certificate { get; init; }

    /// <summary>
    /// <c>Host:TrustedProxies</c>: addresses and networks, such as <c>10.0.0.0/8</c>, of the proxies whose <c>X-Forwarded-For</c> and
    /// <c>X-Forwarded-Proto</c> are believed. Default none: the client's address is that of the connection.
    /// </summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary><c>Host:Grace</c>: how long running functions may go on when the host stops, before their token fires. Default 30 s, 0 s to 1 h.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>
    /// <c>Host:TimerLease</c>: how long after its last sign of life the instance that runs a timer is followed by another. Default 45 s, 1 s to
    /// 60 s. It is renewed every third of it, and looked at by others as often.
    /// </summary>
    public required TimeSpan TimerLease { get; init; }

    /// <summary>
    /// <c>Host:MessageHidden</c>: how long a message is hidden while its function runs, so that it is seen again that long after its instance
    /// was killed. Default 10 min, as under Azure Functions; 1 s to 1 h. It is renewed at half of it.
    /// </summary>
    public required TimeSpan MessageHidden { get; init; }

    /// <summary><c>Host:TicksTable</c>: table of the timers' rows. Default <c>&lt;Storage:Prefix&gt;ticks</c>; the prefix' default is <c>pushcart</c>.</summary>
    public required string TicksTable { get; init; }

    /// <summary><c>FUNCTIONS_REQUEST_BODY_SIZE_LIMIT</c>: bytes of a request's body at most. Default 104,857,600 (100 MiB).</summary>
    public required long MaxRequestBodySize { get; init; }

    /// <summary><c>AzureWebJobsStorage</c>: the storage of timers and of queues that name no other connection.</summary>
    public required string StorageConnection { get; init; }

    /// <summary>Reads the settings; what is wrong goes into <paramref name="faults"/>.</summary>
    public static HostSettings Read(IConfiguration configuration, ICollection<string> faults)
    {
        var connection = configuration[StorageSetting];
        if (string.IsNullOrWhiteSpace(connection))
        {
            faults.Add($"{StorageSetting} is not set: give it the connection string of a storage account, or UseDevelopmentStorage=true for the emulator "
                + $"(in local.settings.json under Values, or as an environment variable: export {StorageSetting}=UseDevelopmentStorage=true)");
        }

        var urls = HostAddresses.ReadUrls(configuration, faults);
        return new HostSettings
        {
            StorageConnection = connection ?? string.Empty,
            Urls = urls,
            HealthUrls = HostAddresses.ReadHealthUrls(configuration, urls, faults),
            Certificate = HostAddresses.ReadCertificate(configuration, urls, faults),
            TrustedProxies = HostAddresses.ReadTrustedProxies(configuration, faults),
            Grace = ReadTime(configuration, "Host:Grace", TimeSpan.FromSeconds(30), TimeSpan.Zero, TimeSpan.FromHours(1), faults),
            TimerLease = ReadTime(configuration, "Host:TimerLease", TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), faults),
            MessageHidden = ReadTime(configuration, "Host:MessageHidden", StandardMessageHidden, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), faults),
            TicksTable = ReadTable(configuration, faults),
            MaxRequestBodySize = ReadSize(configuration, faults),
        };
    }

    private static TimeSpan ReadTime(
        IConfiguration configuration, string name, TimeSpan standard, TimeSpan least, TimeSpan most, ICollection<string> faults)
    {
        if (configuration[name] is not { Length: > 0 } text)
        {
            return standard;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        faults.Add($"{name} is {text}: it must be a time from {least} to {most}, written as hh:mm:ss");
        return standard;
    }

    private static string ReadTable(IConfiguration configuration, ICollection<string> faults)
    {
        var (name, table) = configuration["Host:TicksTable"] is { Length: > 0 } own
            ? ("Host:TicksTable", own)
            : ("Storage:Prefix", (configuration["Storage:Prefix"] ?? "pushcart") + "ticks");
        if (!TableName().IsMatch(table))
        {
            faults.Add($"{name} makes the name {table} of the timers' table: a table's name is a letter and then 2 to 62 letters and digits");
        }

        return table;
    }

    private static long ReadSize(IConfiguration configuration, ICollection<string> faults)
    {
        const string Name = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";
        const long Standard = 104_857_600;
        if (configuration[Name] is not { Length: > 0 } text)
        {
            return Standard;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        faults.Add($"{Name} is {text}: it must be a number of bytes");
        return Standard;
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}$")]
    private static partial Regex TableName();
}
