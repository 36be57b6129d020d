using System.Globalization;

namespace Octokit;

/// <summary>Webhooks of repositories.</summary>
public interface IRepositoryHooksClient
{
    /// <summary>All of a repository, page after page.</summary>
    Task<IReadOnlyList<RepositoryHook>> GetAll(string owner, string name);

    /// <summary>One.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    Task<RepositoryHook> Get(string owner, string name, int hookId);

    /// <summary>Makes one.</summary>
    /// <exception cref="ApiValidationException">There is one like it, or too many.</exception>
    Task<RepositoryHook> Create(string owner, string name, NewRepositoryHook hook);

    /// <summary>Changes one.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    Task<RepositoryHook> Edit(string owner, string name, int hookId, EditRepositoryHook hook);

    /// <summary>Deletes one.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    Task Delete(string owner, string name, int hookId);
}

/// <inheritdoc cref="IRepositoryHooksClient"/>
public class RepositoryHooksClient(IConnection connection) : IRepositoryHooksClient
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<RepositoryHook>> GetAll(string owner, string name)
    {
        var all = new List<RepositoryHook>();
        for (var next = ApiUrls.Repository(owner, name, "hooks"); next is not null;)
        {
            var page = await connection.Get<List<RepositoryHook>>(next, null).ConfigureAwait(false);
            all.AddRange(page.Body);
            next = page.HttpResponse.ApiInfo.Links.GetValueOrDefault("next");
        }

        return all;
    }

    /// <inheritdoc/>
    public async Task<RepositoryHook> Get(string owner, string name, int hookId) =>
        (await connection.Get<RepositoryHook>(One(owner, name, hookId), null).ConfigureAwait(false)).Body;

    /// <inheritdoc/>
    public async Task<RepositoryHook> Create(string owner, string name, NewRepositoryHook hook) =>
        (await connection.Post<RepositoryHook>(ApiUrls.Repository(owner, name, "hooks"), hook, null, null).ConfigureAwait(false)).Body;

    /// <inheritdoc/>
    public async Task<RepositoryHook> Edit(string owner, string name, int hookId, EditRepositoryHook hook) =>
        (await connection.Patch<RepositoryHook>(One(owner, name, hookId), hook).ConfigureAwait(false)).Body;

    /// <inheritdoc/>
    public Task Delete(string owner, string name, int hookId) => connection.Delete(One(owner, name, hookId));

    private static Uri One(string owner, string name, int hookId) => ApiUrls.Repository(owner, name, "hooks/" + hookId.ToString(CultureInfo.InvariantCulture));
}
