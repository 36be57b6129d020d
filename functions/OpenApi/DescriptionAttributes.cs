namespace Pushcart.Functions.OpenApi;

/// <summary>What an HTTP function answers when it does what it is asked for. Each has one at least; a test looks, and compares real answers.</summary>
/// <param name="status">The status.</param>
/// <param name="contentType">The media type of its body; null: no body.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ReturnsAttribute(int status, string? contentType = null) : Attribute
{
    /// <summary>An answer in JSON.</summary>
    /// <param name="status">The status.</param>
    /// <param name="body">The type that the body is written from.</param>
    public ReturnsAttribute(int status, Type body)
        : this(status, "application/json") => Body = body;

    /// <summary>The status.</summary>
    public int Status { get; } = status;

    /// <summary>The media type of its body; null: no body.</summary>
    public string? ContentType { get; } = contentType;

    /// <summary>The type that the body is written from; null where it is text.</summary>
    public Type? Body { get; }

    /// <summary>What it means, where the body's own comment does not tell.</summary>
    public string? Meaning { get; init; }
}

/// <summary>Errors of the catalogue that an HTTP function answers, beside those that follow from its access and from its having a body.</summary>
/// <param name="codes">Their codes.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RefusesAttribute(params string[] codes) : Attribute
{
    /// <summary>Their codes.</summary>
    public IReadOnlyList<string> Codes { get; } = codes;
}

/// <summary>A parameter of the query.</summary>
/// <param name="name">Its name.</param>
/// <param name="meaning">What it says.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class QueryAttribute(string name, string meaning) : Attribute
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>What it says.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>The words that it may be; null: any text, or a number within the bounds.</summary>
    public string[]? Words { get; init; }

    /// <summary>The least number that it may be; it is a number where <see cref="Most"/> is above.</summary>
    public int Least { get; init; }

    /// <summary>The greatest number that it may be.</summary>
    public int Most { get; init; }

    /// <summary>The form of its text as JSON schema names it, such as <c>date-time</c>.</summary>
    public string? Format { get; init; }
}

/// <summary>A parameter of the query that is <c>true</c> or <c>false</c>.</summary>
/// <param name="name">Its name.</param>
/// <param name="meaning">What it says when it is true.</param>
public sealed class FlagAttribute(string name, string meaning) : QueryAttribute(name, meaning);

/// <summary>A header of the request.</summary>
/// <param name="name">Its name.</param>
/// <param name="meaning">What it says.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class HeaderAttribute(string name, string meaning) : Attribute
{
    /// <summary>What <c>Idempotency-Key</c> says.</summary>
    public const string OnceMeaning = "255 characters at most. The same request with the same key is done once, for the time of Checks:DeliveriesKept; another request with it is refused";

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>What it says.</summary>
    public string Meaning { get; } = meaning;
}

/// <summary>The body that an HTTP function takes.</summary>
/// <param name="schema">Name of a schema of <see cref="RequestSchemas"/>.</param>
/// <param name="contentTypes">Its media types; none: JSON.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BodyAttribute(string schema, params string[] contentTypes) : Attribute
{
    /// <summary>A body that is read as a type of its own, in JSON.</summary>
    /// <param name="type">The type.</param>
    public BodyAttribute(Type type)
        : this(type?.Name ?? throw new ArgumentNullException(nameof(type))) => Type = type;

    /// <summary>The type that it is read as; null where <see cref="Schema"/> is one of <see cref="RequestSchemas"/>.</summary>
    public Type? Type { get; }

    /// <summary>Name of its schema.</summary>
    public string Schema { get; } = schema;

    /// <summary>Its media types.</summary>
    public IReadOnlyList<string> ContentTypes { get; } = contentTypes.Length > 0 ? contentTypes : ["application/json"];

    /// <summary>True where it may be left out.</summary>
    public bool IsOptional { get; init; }
}
