using System.Text.Json;
using System.Xml.Linq;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Layout;

/// <summary>What the Containerfile says of this project is true. Nothing here can build it: there is no engine.</summary>
public sealed class ContainerfileTests
{
    private static readonly Containerfile s_file = Containerfile.Read();
    private static readonly string s_publish = s_file.Instructions.Single(i => i.Stage == "build" && i.Name == "RUN").Text;

    [Fact]
    public void It_publishes_the_standalone_host_with_packages_of_choice()
    {
        var words = s_publish.Split(' ');
        Assert.Equal(["dotnet", "publish", "functions", "-c", "Release", "-o", "/app"], words[..7]);
        Assert.Contains("-p:PushcartHost=standalone", words);
        Assert.Contains("-p:PushcartStandIns=${STAND_INS}", words);
        Assert.Equal("STAND_INS=false", s_file.Only("", "ARG"));
        Assert.Equal("STAND_INS", s_file.Only("build", "ARG"));
        var properties = File.ReadAllText(Path.Combine(ProjectFolder.Path, "Directory.Build.props"));
        Assert.All(words[7..], word => Assert.True(
            word is "-p:UseAppHost=false" || properties.Contains($"<{word[3..].Split('=')[0]} ", StringComparison.Ordinal), $"Directory.Build.props knows no {word}"));
    }

    [Fact]
    public void Both_images_run_what_was_published_as_a_numbered_user()
    {
        Assert.Equal(["build", "with-ssh", "server"], s_file.Stages);
        var assembly = XDocument.Load(Path.Combine(ProjectFolder.Path, "functions", "Functions.csproj")).Descendants("AssemblyName").Single().Value;
        foreach (var stage in (string[])["with-ssh", "server"])
        {
            Assert.Equal(["dotnet", $"{assembly}.dll"], JsonSerializer.Deserialize<string[]>(s_file.Only(stage, "ENTRYPOINT"))!);
            Assert.Equal("/app", s_file.Only(stage, "WORKDIR"));
            Assert.Equal("--from=build /app .", s_file.Only(stage, "COPY"));
            Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", s_file.Only(stage, "USER"));
            Assert.Contains("org.opencontainers.image.licenses=\"MIT\"", s_file.Only(stage, "LABEL"), StringComparison.Ordinal);
        }

        Assert.Contains("openssh-client", s_file.Only("with-ssh", "RUN"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_workers_image_runs_the_command_line_as_a_worker_and_a_numbered_user()
    {
        var file = Containerfile.Read("infra/kubernetes/worker/Containerfile");
        Assert.Equal(["build", "worker"], file.Stages);
        var commands = file.Only("build", "RUN").Split(" && ");
        var words = commands[0].Split(' ');
        Assert.Equal(["dotnet", "publish", "cli", "-c", "Release", "-o", "/app"], words[..7]);
        Assert.Equal(s_publish.Split(' ')[7..], words[7..]);
        var assembly = XDocument.Load(Path.Combine(ProjectFolder.Path, "cli", "Cli.csproj")).Descendants("AssemblyName").Single().Value;
        Assert.Equal(["dotnet", $"{assembly}.dll", "worker"], JsonSerializer.Deserialize<string[]>(file.Only("worker", "ENTRYPOINT"))!);
        Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", file.Only("worker", "USER"));

        // A volume for the state is the user's.
        Assert.Equal(["mkdir /state"], commands[1..]);
        Assert.Contains($"--from=build --chown={file.Only("worker", "USER")} /state /state", file.Instructions.Where(i => i is { Stage: "worker", Name: "COPY" }).Select(i => i.Text));
        var framework = XDocument.Load(Path.Combine(ProjectFolder.Path, "Directory.Build.props")).Descendants("TargetFramework").Single().Value["net".Length..];
        Assert.All(file.Instructions.Where(i => i.Name == "FROM"), from => Assert.Matches($@"^mcr\.microsoft\.com/dotnet/(sdk|runtime):{framework}-noble(-chiseled-extra)? AS ", from.Text));
    }

    [Fact]
    public void Its_images_are_of_the_framework_that_the_projects_name()
    {
        var framework = XDocument.Load(Path.Combine(ProjectFolder.Path, "Directory.Build.props")).Descendants("TargetFramework").Single().Value["net".Length..];
        Assert.All(s_file.Instructions.Where(i => i.Name == "FROM"), from => Assert.Matches($@"^mcr\.microsoft\.com/dotnet/(sdk|aspnet):{framework}-noble(-chiseled-extra)? AS ", from.Text));
    }

    [Fact]
    public void Both_kinds_of_engine_leave_the_same_out_and_nothing_that_is_built()
    {
        var ignored = File.ReadAllLines(Path.Combine(ProjectFolder.Path, ".containerignore"));
        Assert.Equal(ignored, File.ReadAllLines(Path.Combine(ProjectFolder.Path, ".dockerignore")));
        foreach (var secret in (string[])["**/local.settings.json", "**/.azurite", "**/.pushcart", ".git", "**/bin", "**/obj"])
        {
            Assert.Contains(secret, ignored);
        }

        Assert.DoesNotContain(ignored, line => line.Trim('*', '/') is "functions" or "shared" or "host.json");
    }
}
