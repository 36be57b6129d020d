using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes;
using Pushcart.Git;
using static Pushcart.Tests.Unit.Execution.Kubernetes.GivenRun;

namespace Pushcart.Tests.Unit.Execution.Kubernetes;

public sealed class JobBuilderTests
{
    private const string Security = """{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}""";
    private const string Resources = """{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"cpu":"2","memory":"2Gi"}}""";

    [Fact]
    public void The_job_of_a_default_action()
    {
        var job = JobBuilder.Build(Spec);
        ((JsonObject)job["spec"]!["template"]!["spec"]!["initContainers"]![0]!)["args"] = "the script";

        const string Labels = """{"team":"x","pushcart.dev/action-name":"build","pushcart.dev/installation":"inst1","pushcart.dev/job-id":"0123456789abcdefghij","pushcart.dev/run":"1"}""";
        var expected = $$$$$"""
            {"apiVersion":"batch/v1","kind":"Job",
            "metadata":{"name":"build-0123456789abcdefghij-1","namespace":"team","labels":{{{{{Labels}}}}},"annotations":{}},
            "spec":{"backoffLimit":0,"parallelism":1,"completions":1,"activeDeadlineSeconds":3600,"ttlSecondsAfterFinished":604800,
            "template":{"metadata":{"labels":{{{{{Labels}}}}},"annotations":{}},
            "spec":{"restartPolicy":"Never",
            "securityContext":{"runAsNonRoot":true,"runAsUser":1000,"runAsGroup":1000,"fsGroup":1000,"seccompProfile":{"type":"RuntimeDefault"}},
            "initContainers":[{"name":"action-cloner","securityContext":{{{{{Security}}}}},"resources":{{{{{Resources}}}}},
            "image":"docker.io/alpine/git:v2.47.2","command":["sh","-c"],"args":"the script","workingDir":"/pushcart/volume",
            "env":[{"name":"PUSHCART_VOLUME","value":"/pushcart/volume"},{"name":"PUSHCART_REPOSITORY","value":"https://git.example.org/app.git"},
            {"name":"PUSHCART_SERVER","value":"https://git.example.org/"},{"name":"PUSHCART_COMMIT","value":"{{{{{Commit}}}}}"},
            {"name":"PUSHCART_REFERENCE","value":"refs/heads/main"},{"name":"PUSHCART_DEPTH","value":"1"},{"name":"PUSHCART_SUBMODULES","value":""},
            {"name":"PUSHCART_KEEP_GIT","value":""},{"name":"PUSHCART_DEBUG","value":""},{"name":"PUSHCART_NO_VERIFY","value":""},
            {"name":"PUSHCART_CREDENTIALS","value":""},{"name":"GIT_SSH_COMMAND","value":"{{{{{Pushcart.Execution.Process.Child.CheckoutSsh.NoKey}}}}}"}],
            "volumeMounts":[{"name":"action-workdir","mountPath":"/pushcart/volume"}]}],
            "containers":[{"name":"action-worker","securityContext":{{{{{Security}}}}},"resources":{{{{{Resources}}}}},
            "image":"registry.example.org/build:1","workingDir":"/action_workdir",
            "env":[{"name":"HOME","value":"/tmp"},{"name":"ACTION_JOB_JOB_RUN","value":"1"},{"name":"ACTION_JOB_WORKDIR","value":"/action_workdir"}],
            "volumeMounts":[{"name":"action-workdir","mountPath":"/action_workdir","subPath":"work"}]}],
            "volumes":[{"name":"action-workdir","emptyDir":{}}]}}}}
            """;
        Assert.Equal(expected.Replace("\n", "", StringComparison.Ordinal), Json(job));
    }

    [Fact]
    public void What_the_action_says_of_the_pod_stands_in_it()
    {
        var spec = Spec with
        {
            Command = ["make", "-j"],
            Args = ["all"],
            ClonerImage = "cloner:2",
            ServiceAccount = "runner",
            NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" },
            Affinity = [],
            Tolerations = [new JsonObject { ["key"] = "k", ["operator"] = "Exists" }],
            Annotations = new Dictionary<string, string> { ["a.b/c"] = "anything goes" },
            Deadline = TimeSpan.FromSeconds(0.5),
        };

        var job = JobBuilder.Build(spec);
        var pod = Pod(spec);

        Assert.Equal("""["make","-j"] ["all"]""", Json(Worker(spec)["command"]) + " " + Json(Worker(spec)["args"]));
        Assert.Equal("\"cloner:2\"", Json(Cloner(spec)["image"]));
        Assert.Equal("""runner {"disk":"ssd"} {} [{"key":"k","operator":"Exists"}]""", $"{pod["serviceAccountName"]} {Json(pod["nodeSelector"])} {Json(pod["affinity"])} {Json(pod["tolerations"])}");
        Assert.Equal("""{"a.b/c":"anything goes"}""", Json(job["metadata"]!["annotations"]));
        Assert.Equal("""{"a.b/c":"anything goes"}""", Json(job["spec"]!["template"]!["metadata"]!["annotations"]));
        Assert.Equal(1, job["spec"]!["activeDeadlineSeconds"]!.GetValue<int>());
    }

    [Fact]
    public void Values_of_variables_mean_just_themselves()
    {
        var spec = Spec with { Environment = new Dictionary<string, string> { ["BRANCH"] = "a$(HOME)$$b" } };

        Assert.Contains("""{"name":"BRANCH","value":"a$$(HOME)$$$$b"}""", Json(Worker(spec)["env"]), StringComparison.Ordinal);
        Assert.Equal(CloneStep.Script, Cloner(spec)["args"]![0]!.GetValue<string>().Replace("$$", "$", StringComparison.Ordinal));
    }

    [Fact]
    public void The_template_is_the_base_and_pushcarts_own_goes_over_it()
    {
        var spec = With("""
            {"metadata":{"labels":{"cost":"7","pushcart.dev/run":"9"},"annotations":{"x":"y"}},
             "spec":{"priorityClassName":"low","terminationGracePeriodSeconds":90,"restartPolicy":"Always",
              "imagePullSecrets":[{"name":"pull"}],"nodeSelector":{"zone":"a"},
              "volumes":[{"name":"cache","emptyDir":{}},{"name":"action-workdir","hostPath":{"path":"/"}}],
              "containers":[{"name":"sidecar","image":"proxy:1"},
               {"name":"action-worker","image":"evil","env":[{"name":"ACTION_JOB_WORKDIR","value":"elsewhere"},{"name":"EXTRA","value":"$(ACTION_JOB_WORKDIR)/x"}],
                "envFrom":[{"secretRef":{"name":"s"}}],"volumeMounts":[{"name":"cache","mountPath":"/cache"}]}]}}
            """) with
        { NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" } };

        var job = JobBuilder.Build(spec);
        var pod = Pod(spec);
        var worker = Worker(spec);

        Assert.Equal("1 7 y", $"{job["spec"]!["template"]!["metadata"]!["labels"]!["pushcart.dev/run"]} {job["spec"]!["template"]!["metadata"]!["labels"]!["cost"]} {job["spec"]!["template"]!["metadata"]!["annotations"]!["x"]}");
        Assert.Equal("low 90 Never", $"{pod["priorityClassName"]} {pod["terminationGracePeriodSeconds"]} {pod["restartPolicy"]}");
        Assert.Equal("""[{"name":"pull"}] {"zone":"a","disk":"ssd"}""", Json(pod["imagePullSecrets"]) + " " + Json(pod["nodeSelector"]));
        Assert.Equal("""[{"name":"action-workdir","emptyDir":{}},{"name":"cache","emptyDir":{}}]""", Json(pod["volumes"]));
        Assert.Equal("action-worker sidecar", string.Join(' ', ((JsonArray)pod["containers"]!).Select(c => c!["name"]!.GetValue<string>())));
        Assert.Equal("registry.example.org/build:1", worker["image"]!.GetValue<string>());
        Assert.Equal(
            """[{"name":"HOME","value":"/tmp"},{"name":"ACTION_JOB_JOB_RUN","value":"1"},{"name":"ACTION_JOB_WORKDIR","value":"/action_workdir"},{"name":"EXTRA","value":"$(ACTION_JOB_WORKDIR)/x"}]""",
            Json(worker["env"]));
        Assert.Equal("""[{"secretRef":{"name":"s"}}]""", Json(worker["envFrom"]));
        Assert.EndsWith("""{"name":"cache","mountPath":"/cache"}]""", Json(worker["volumeMounts"]), StringComparison.Ordinal);
        Assert.Equal(Security, Json(pod["containers"]![1]!["securityContext"]));
    }

    [Fact]
    public void Settings_replace_the_default_security_context_and_resources_and_the_template_has_the_last_word()
    {
        var spec = With("""
            {"spec":{"securityContext":{"fsGroup":7},"containers":[{"name":"action-worker","securityContext":{"runAsUser":5},"resources":{"limits":{"nvidia.com/gpu":1,"cpu":"1"}}}]}}
            """) with
        {
            PodSecurityContext = new JsonObject { ["runAsNonRoot"] = true, ["fsGroup"] = 3 },
            SecurityContext = new JsonObject { ["readOnlyRootFilesystem"] = true },
            Resources = (JsonObject)JsonNode.Parse("""{"requests":{"cpu":"3","memory":"1Gi"}}""")!,
        };

        Assert.Equal("""{"runAsNonRoot":true,"fsGroup":7}""", Json(Pod(spec)["securityContext"]));
        Assert.Equal("""{"readOnlyRootFilesystem":true,"runAsUser":5}""", Json(Worker(spec)["securityContext"]));
        Assert.Equal("""{"readOnlyRootFilesystem":true}""", Json(Cloner(spec)["securityContext"]));

        // A default request above the limit that was asked for would be refused by the API.
        Assert.Equal("""{"requests":{"memory":"1Gi"},"limits":{"nvidia.com/gpu":1,"cpu":"1"}}""", Json(Worker(spec)["resources"]));
    }

    [Fact]
    public void A_null_of_the_template_takes_a_default_away()
    {
        var spec = With("""{"spec":{"securityContext":{"runAsUser":null,"runAsGroup":null,"fsGroup":null}}}""");

        Assert.Equal("""{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}""", Json(Pod(spec)["securityContext"]));
    }

    [Fact]
    public void Credentials_stand_nowhere_in_the_job_and_are_mounted_in_the_clone_step_only()
    {
        foreach (var auth in new GitAuth[] { new BasicAuth("reader", "s3cr3t"), new TokenAuth("Bearer s3cr3t"), new SshAuth("s3cr3t key", "s3cr3t host") })
        {
            var spec = Private(auth, auth is SshAuth ? "git@git.example.org:app.git" : "https://git.example.org/app.git");

            Assert.DoesNotContain("s3cr3t", Json(JobBuilder.Build(spec)), StringComparison.Ordinal);
            Assert.DoesNotContain("action-credentials", Json(Worker(spec)), StringComparison.Ordinal);
            Assert.Contains("""{"name":"action-credentials","mountPath":"/pushcart/credentials","readOnly":true}""", Json(Cloner(spec)["volumeMounts"]), StringComparison.Ordinal);
            Assert.Contains("""{"name":"action-credentials","secret":{"secretName":"build-0123456789abcdefghij-1","defaultMode":292}}""", Json(Pod(spec)["volumes"]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_name_of_200_characters_becomes_a_valid_value_of_a_label()
    {
        var value = JobLabels.Value("_" + new string('a', 62) + "." + new string('b', 137));

        Assert.Equal(new string('a', 62), value);
        Assert.Equal("a-b", JobLabels.Value("a/b"));
    }
}
