using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real;

/// <summary>Tests of parts that share one Azurite. They run one after the other, each with a prefix of its own.</summary>
[CollectionDefinition("azurite")]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>;

/// <summary>Tests of hosts, and of the command line, which share another Azurite: most of their time is waiting, so they run beside the others.</summary>
[CollectionDefinition("hosts")]
public sealed class HostsCollection : ICollectionFixture<AzuriteFixture>;

/// <summary>Tests of who calls hosts, providers and workers, with a third.</summary>
[CollectionDefinition("calls")]
public sealed class CallsCollection : ICollectionFixture<AzuriteFixture>;
