using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// What host.json tells both hosts. As under the real one, each value may be overridden by a setting whose name is its path, such as
/// <c>AzureFunctionsJobHost__extensions__queues__batchSize</c>.
/// </summary>
internal sealed record HostJson
{
    /// <summary>What precedes every route. Default <c>api</c>.</summary>
    public required string RoutePrefix { get; init; }

    /// <summary>The rules of queues.</summary>
    public required QueueRules Queues { get; init; }

    /// <summary>The file's configuration: host.json of the folder, and its overrides.</summary>
    public static IConfigurationRoot Load(string folder, IConfiguration configuration) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(folder, "host.json"), optional: true, reloadOnChange: false)
        .AddConfiguration(configuration.GetSection("AzureFunctionsJobHost"))
        .Build();

    /// <summary>Reads the values; what is wrong goes into <paramref name="faults"/>.</summary>
    public static HostJson Read(IConfiguration file, ICollection<string> faults)
    {
        var batchSize = ReadNumber(file, "batchSize", 16, 1, 32, faults);
        return new HostJson
        {
            RoutePrefix = (file["extensions:http:routePrefix"] ?? "api").Trim('/'),
            Queues = new QueueRules
            {
                BatchSize = batchSize,
                NewBatchThreshold = ReadNumber(file, "newBatchThreshold", batchSize / 2, 0, 1000, faults),
                MaxDequeueCount = ReadNumber(file, "maxDequeueCount", 5, 1, 1000, faults),
                MaxPollingInterval = ReadTime(file, "maxPollingInterval", TimeSpan.FromMinutes(1), QueueRules.MinPollingInterval, faults),
                VisibilityTimeout = ReadTime(file, "visibilityTimeout", TimeSpan.Zero, TimeSpan.Zero, faults),
                Base64 = ReadEncoding(file, faults),
            },
        };
    }

    private static int ReadNumber(IConfiguration file, string name, int standard, int least, int most, ICollection<string> faults)
    {
        var path = "extensions:queues:" + name;
        if (file[path] is not { } text)
        {
            return standard;
        }

        if (int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        faults.Add($"host.json: {path} is {text}: it must be a number from {least} to {most}");
        return standard;
    }

    private static TimeSpan ReadTime(IConfiguration file, string name, TimeSpan standard, TimeSpan least, ICollection<string> faults)
    {
        var path = "extensions:queues:" + name;
        if (file[path] is not { } text)
        {
            return standard;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= TimeSpan.FromDays(1))
        {
            return value;
        }

        faults.Add($"host.json: {path} is {text}: it must be a time from {least} to 1 day, written as hh:mm:ss");
        return standard;
    }

    private static bool ReadEncoding(IConfiguration file, ICollection<string> faults)
    {
        const string Path = "extensions:queues:messageEncoding";
        var text = file[Path] ?? "base64";
        if (!text.Equals("base64", StringComparison.OrdinalIgnoreCase) && !text.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add($"host.json: {Path} is {text}: it must be none or base64");
        }

        return text.Equals("base64", StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>How queues are listened to: <c>extensions.queues</c> of host.json.</summary>
internal sealed record QueueRules
{
    /// <summary>The shortest wait between two polls: where polling begins again after a message.</summary>
    public static TimeSpan MinPollingInterval { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a message is hidden while its function runs; renewed at half of it. Not of host.json: <see cref="HostSettings.MessageHidden"/>.</summary>
    public TimeSpan Hidden { get; init; } = HostSettings.StandardMessageHidden;

    /// <summary>Messages fetched at once, 1 to 32. Default 16.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The next batch is fetched when no more than this many messages are being worked on. Default half of the batch size.</summary>
    public required int NewBatchThreshold { get; init; }

    /// <summary>Tries before a message goes to the poison queue. Default 5.</summary>
    public required int MaxDequeueCount { get; init; }

    /// <summary>The longest wait between two polls, at least 100 ms. Default 1 min.</summary>
    public required TimeSpan MaxPollingInterval { get; init; }

    /// <summary>How long a message whose function has failed waits for its next try. Default 0.</summary>
    public required TimeSpan VisibilityTimeout { get; init; }

    /// <summary>True where messages are base64 of their text (the default), false where they are the text.</summary>
    public required bool Base64 { get; init; }
}
