namespace Octokit;

/// <summary>What an answer says is wrong.</summary>
public class ApiError
{
    /// <summary>For the serializer.</summary>
    public ApiError()
    {
    }

    /// <summary>An error of which only a text is known.</summary>
    public ApiError(string? message) => Message = message;

    /// <summary>In a sentence.</summary>
    public string? Message { get; private set; }

    /// <summary>In detail.</summary>
    public IReadOnlyList<ApiErrorDetail>? Errors { get; private set; }
}

/// <summary>One thing that is wrong.</summary>
public class ApiErrorDetail
{
    /// <summary>In a sentence; null where only a code is told.</summary>
    public string? Message { get; private set; }

    /// <summary>A word for it.</summary>
    public string? Code { get; private set; }
}
