namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>A credential that stands in the kubeconfig and stays as it is.</summary>
internal sealed class StaticCredentials(KubeCredential credential) : IKubeCredentials
{
    public Task<KubeAnswer<KubeCredential>> GetAsync(CancellationToken cancellation) => Task.FromResult<KubeAnswer<KubeCredential>>(credential);

    public bool Refused(KubeCredential credential) => false;
}
