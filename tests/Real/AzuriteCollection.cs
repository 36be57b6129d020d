using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real;

/// <summary>Tests that share one Azurite. They run one after the other, each with a prefix of its own.</summary>
[CollectionDefinition("azurite")]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>;
