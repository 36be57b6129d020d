using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real;

/// <summary>Tests of parts that share one Azurite. They run one after the other, each with a prefix of its own.</summary>
[CollectionDefinition("azurite")]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>;

/// <summary>Tests that start hosts and share another Azurite, beside those of <see cref="AzuriteCollection"/>: most of their time is waiting.</summary>
[CollectionDefinition("hosts")]
public sealed class HostsCollection : ICollectionFixture<AzuriteFixture>;
