using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>How a client sends: transport, retries, policies, and the version of the service's interface.</summary>
public class TableClientOptions : ClientOptions
{
    /// <summary>Options for a version of the service.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such version.</exception>
    public TableClientOptions(ServiceVersion serviceVersion = ServiceVersion.V2020_12_06) => VersionString = serviceVersion switch
    {
        ServiceVersion.V2019_02_02 => "2019-02-02",
        ServiceVersion.V2020_12_06 => "2020-12-06",
        _ => throw new ArgumentOutOfRangeException(nameof(serviceVersion), serviceVersion, "No such version of the Table service."),
    };

    internal string VersionString { get; }

    /// <summary>Versions of the service's interface.</summary>
    public enum ServiceVersion
    {
        /// <summary>2019-02-02.</summary>
#pragma warning disable CA1707 // the package's own names
        V2019_02_02 = 1,

        /// <summary>2020-12-06.</summary>
        V2020_12_06 = 2,
#pragma warning restore CA1707
    }
}
