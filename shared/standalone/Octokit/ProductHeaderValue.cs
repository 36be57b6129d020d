namespace Octokit;

/// <summary>Name and version of the program, for the header <c>User-Agent</c>.</summary>
public class ProductHeaderValue
{
    private readonly System.Net.Http.Headers.ProductHeaderValue _value;

    /// <summary>A name.</summary>
    public ProductHeaderValue(string name) => _value = new(name);

    /// <summary>A name and a version.</summary>
    public ProductHeaderValue(string name, string version) => _value = new(name, version);

    /// <summary>The name.</summary>
    public string Name => _value.Name;

    /// <summary>The version.</summary>
    public string? Version => _value.Version;

    /// <inheritdoc/>
    public override string ToString() => _value.ToString();
}
