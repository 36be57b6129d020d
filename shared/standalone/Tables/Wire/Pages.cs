using System.Runtime.CompilerServices;

namespace Azure.Data.Tables.Wire;

/// <summary>Pages that are asked for one by one, as they are enumerated.</summary>
internal sealed class AsyncPages<T>(Func<string?, int?, CancellationToken, Task<Page<T>>> read, int? pageSize, CancellationToken cancellationToken)
    : AsyncPageable<T>(cancellationToken) where T : notnull
{
    public override IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null) =>
        EachAsync(continuationToken, pageSizeHint ?? pageSize, CancellationToken);

    private async IAsyncEnumerable<Page<T>> EachAsync(string? continuation, int? size, [EnumeratorCancellation] CancellationToken cancellation)
    {
        do
        {
            var page = await read(continuation, size, cancellation);
            yield return page;
            continuation = page.ContinuationToken;
        }
        while (continuation is not null);
    }
}

/// <summary>The same, blocking.</summary>
internal sealed class Pages<T>(Func<string?, int?, CancellationToken, Page<T>> read, int? pageSize, CancellationToken cancellationToken)
    : Pageable<T>(cancellationToken) where T : notnull
{
    public override IEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            var page = read(continuationToken, pageSizeHint ?? pageSize, CancellationToken);
            yield return page;
            continuationToken = page.ContinuationToken;
        }
        while (continuationToken is not null);
    }
}

/// <summary>The answer where there is no value.</summary>
internal sealed class NoValue<T>(Response response) : NullableResponse<T>
{
    public override bool HasValue => false;

    public override T? Value => throw new InvalidOperationException("There is no value: ask HasValue first.");

    public override Response GetRawResponse() => response;
}
