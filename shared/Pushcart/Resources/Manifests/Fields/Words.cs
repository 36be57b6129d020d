namespace Pushcart.Resources.Manifests.Fields;

/// <summary>The words of manifests for values of a few.</summary>
internal static class Words
{
    public static readonly Dictionary<string, ResourceKind> Kinds = Enum.GetValues<ResourceKind>().ToDictionary(kind => kind.ToString());

    public static readonly Dictionary<string, ResourceKind> SourceKinds = Of(ResourceKind.GitRepo, ResourceKind.ClusterGitRepo);

    public static readonly Dictionary<string, ResourceKind> ClusterSourceKinds = Of(ResourceKind.ClusterGitRepo);

    public static readonly Dictionary<string, ResourceKind> ActionKinds = Of(ResourceKind.Action, ResourceKind.ClusterAction);

    public static readonly Dictionary<string, AuthType> AuthTypes = new() { ["basic"] = AuthType.Basic, ["token"] = AuthType.Token, ["ssh"] = AuthType.Ssh };

    public static readonly Dictionary<string, OnLost> OnLost = new() { ["report"] = Resources.OnLost.Report, ["retry"] = Resources.OnLost.Retry };

    /// <summary>The word of a value.</summary>
    public static string Word<T>(this Dictionary<string, T> words, T value)
        where T : struct, Enum => words.Single(pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Key;

    private static Dictionary<string, ResourceKind> Of(params ResourceKind[] kinds) => kinds.ToDictionary(kind => kind.ToString());
}
