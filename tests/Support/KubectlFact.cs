using Xunit;

namespace Pushcart.Tests.Support;

/// <summary>A test that renders manifests; without kubectl it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute() => Skip = Kustomize.MissingReason;
}
