using System.ComponentModel;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Pushcart.Tests.Support;

/// <summary>Says why the tests of a class cannot run here; they are then skipped, also those that it inherits with <see cref="ContractFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class RequiresAttribute : Attribute
{
    /// <summary>Why not; null where they run.</summary>
    public abstract string? MissingReason { get; }
}

/// <summary>A test of a contract: whether it can run is its implementation's to say.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Pushcart.Tests.Support." + nameof(ContractFactDiscoverer), "Pushcart.Tests.Support")]
public sealed class ContractFactAttribute : FactAttribute;

/// <summary>The same, once for each row of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Pushcart.Tests.Support." + nameof(ContractTheoryDiscoverer), "Pushcart.Tests.Support")]
public sealed class ContractTheoryAttribute : TheoryAttribute;

/// <summary>Finds facts of contracts.</summary>
public sealed class ContractFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    /// <inheritdoc/>
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new ContractTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

/// <summary>Finds theories of contracts.</summary>
public sealed class ContractTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    /// <inheritdoc/>
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow) =>
        [new ContractTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod, dataRow)];
}

/// <summary>A test of a contract, on one implementation.</summary>
public sealed class ContractTestCase : XunitTestCase
{
    /// <summary>For xunit, which makes it anew from its serialized form.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("called by the deserializer", error: true)]
    public ContractTestCase()
    {
    }

    /// <summary>A test.</summary>
    public ContractTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, object[]? arguments = null)
        : base(diagnostics, display, options, method, arguments)
    {
    }

    /// <inheritdoc/>
    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        TestMethod.TestClass.Class.ToRuntimeType()?.GetCustomAttributes(inherit: true).OfType<RequiresAttribute>().FirstOrDefault()?.MissingReason
        ?? base.GetSkipReason(factAttribute);
}
