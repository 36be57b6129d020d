namespace Pushcart.Triggers.Status;

/// <summary>What a test of a source found, step by step.</summary>
/// <param name="Source">Its name, as <c>Kind namespace/name</c>.</param>
/// <param name="Ok">True where every step went well.</param>
/// <param name="Steps">The steps in their order; after one that failed for all there are no more.</param>
public sealed record SourceTest(string Source, bool Ok, IReadOnlyList<SourceTestStep> Steps);

/// <summary>A step of a test.</summary>
/// <param name="Step">What was tried: <c>credentials</c>, <c>remote</c>, <c>branch main</c>, <c>files of Kind namespace/name</c>.</param>
/// <param name="Ok">True where it went well.</param>
/// <param name="Detail">What was found, or what is wrong and what to do. Never a secret.</param>
public sealed record SourceTestStep(string Step, bool Ok, string Detail);
