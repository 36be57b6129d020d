namespace Pushcart.Execution.Kubernetes.Client.Kubeconfigs;

/// <summary>A kubeconfig cannot be used. Caught where it is opened: the message becomes the failure. It never holds a value that may be a secret.</summary>
/// <param name="message">File, field and what is wrong.</param>
internal sealed class KubeconfigException(string message) : Exception(message);
