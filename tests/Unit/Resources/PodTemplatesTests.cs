using System.Text.Json.Nodes;
using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Resources;

public sealed class PodTemplatesTests
{
    [Theory]
    [InlineData("""{"kind":"PodTemplate"}""", "kind")]
    [InlineData("""{"metadata":{"name":"x"}}""", "metadata.name")]
    [InlineData("""{"metadata":{"labels":{"pushcart.dev/run":"1"}}}""", "metadata.labels[\"pushcart.dev/run\"]")]
    [InlineData("""{"metadata":{"labels":{"job-name":"1"}}}""", "metadata.labels.job-name")]
    [InlineData("""{"metadata":{"annotations":{"batch.kubernetes.io/x":"1"}}}""", "metadata.annotations[\"batch.kubernetes.io/x\"]")]
    [InlineData("""{"spec":[]}""", "spec")]
    [InlineData("""{"spec":{"restartPolicy":"Always"}}""", "spec.restartPolicy")]
    [InlineData("""{"spec":{"activeDeadlineSeconds":1}}""", "spec.activeDeadlineSeconds")]
    [InlineData("""{"spec":{"serviceAccountName":"x"}}""", "spec.serviceAccountName")]
    [InlineData("""{"spec":{"containers":{}}}""", "spec.containers")]
    [InlineData("""{"spec":{"containers":["x"]}}""", "spec.containers[0]")]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", "spec.containers[0].name")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"action-worker","image":"x"}]}}""", "spec.containers[1].image")]
    [InlineData("""{"spec":{"containers":[{"name":"action-worker","workingDir":"/"}]}}""", "spec.containers[0].workingDir")]
    [InlineData("""{"spec":{"containers":[{"name":"action-cloner"}]}}""", "spec.containers[0].name")]
    [InlineData("""{"spec":{"initContainers":[{"name":"action-cloner","args":[]}]}}""", "spec.initContainers[0].args")]
    [InlineData("""{"spec":{"containers":[{"name":"a","volumeMounts":[{"name":"action-credentials"}]}]}}""", "spec.containers[0].volumeMounts[0].name")]
    [InlineData("""{"spec":{"volumes":[{"name":"action-workdir"}]}}""", "spec.volumes[0].name")]
    public void What_pushcart_owns_is_a_fault_that_names_its_path(string template, string path)
    {
        var fault = Assert.Single(PodTemplates.Check((JsonObject)JsonNode.Parse(template)!));

        Assert.Equal(path, fault.Path);
        Assert.NotEmpty(fault.Message);
    }

    [Fact]
    public void What_users_need_of_a_pod_is_no_fault() => Assert.Empty(PodTemplates.Check((JsonObject)JsonNode.Parse("""
        {"metadata":{"labels":{"cost":"7"},"annotations":{"a/b":"c"}},
         "spec":{"priorityClassName":"low","terminationGracePeriodSeconds":90,"imagePullSecrets":[{"name":"p"}],"securityContext":{"fsGroup":7},"nodeSelector":{"a":"b"},
          "volumes":[{"name":"cache","emptyDir":{}}],
          "initContainers":[{"name":"action-cloner","resources":{}},{"name":"prepare","image":"x","volumeMounts":[{"name":"action-workdir","mountPath":"/w"}]}],
          "containers":[{"name":"action-worker","env":[{"name":"A","value":"b"}],"envFrom":[],"resources":{"limits":{"cpu":"1"}},"volumeMounts":[{"name":"cache","mountPath":"/c"}]}]}}
        """)!));
}
