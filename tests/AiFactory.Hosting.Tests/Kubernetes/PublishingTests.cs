using AiFactory.Hosting.Pipelines;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>Publishing as Aspire's, and its known faults not repeated.</summary>
public sealed class PublishingTests : IDisposable
{
    private readonly TestHost _host = new();

    private string Output => Path.Combine(_host.Folder, "out");

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_service_becomes_a_Deployment_a_ConfigMap_a_Secret_and_a_Service()
    {
        var builder = Builder();
        var password = builder.AddParameter("db-password", secret: true);
        var host = builder.AddParameter("db-host", "db.example", publishValueAsDefault: true);
        var other = TestHost.AddService(builder, "other");
        TestHost.AddService(builder, "api")
            .WithHttpProbe(ProbeType.Liveness, "/alive")
            .WithReference(other)
            .WithEnvironment("Mode", "fast")
            .WithEnvironment(context => context.EnvironmentVariables["ConnectionStrings__db"] = ReferenceExpression.Create($"Host={host};Password={password}"))
            .WithReplicas(3);
        await PublishAsync(builder);

        var deployment = Read("templates/api/deployment-api-deployment.yaml");
        deployment.ShouldContain("replicas: 3");
        deployment.ShouldContain("scheme: \"HTTP\"", customMessage: "Aspire writes it in lower case, which no cluster takes");
        Read("templates/api/configmap-api-config.yaml").ShouldContain("services__other__http__0: \"http://other-service:{{ .Values.parameters.other.port_http }}\"");
        Read("templates/api/configmap-api-config.yaml").ShouldContain("Mode: \"{{ .Values.config.api.Mode }}\"");
        Read("templates/api/secret-api-secrets.yaml").ShouldContain("ConnectionStrings__db: \"Host={{ .Values.config.api.db_host }};Password={{ .Values.secrets.api.db_password }}\"");
        Read("templates/api/service-api-service.yaml").ShouldContain("targetPort: {{ .Values.parameters.api.port_http | int }}");
        var values = Read("values.yaml");
        values.ShouldContain("db_password: \"\"", customMessage: "its place is there, its value is not");
        values.ShouldContain("db_host: \"db.example\"");
        values.ShouldContain("Mode: \"fast\"");
    }

    [Fact]
    public async Task A_secret_that_has_a_value_here_is_not_published()
    {
        var builder = Builder();
        builder.Configuration["Parameters:token"] = "this-is-secret";
        TestHost.AddService(builder, "api").WithEnvironment("Token", builder.AddParameter("token", secret: true));
        await PublishAsync(builder);
        Directory.GetFiles(Output, "*", SearchOption.AllDirectories).ShouldAllBe(file => !File.ReadAllText(file).Contains("this-is-secret"));
    }

    [Fact]
    public async Task A_customization_changes_all_of_it_and_objects_of_one_name_keep_apart()
    {
        var builder = Builder();
        TestHost.AddService(builder, "api").PublishAsKubernetesService(published =>
        {
            published.Workload.ShouldNotBeNull().PodTemplate.Spec.ServiceAccountName = "own";
            published.AdditionalResources.Add(new Note("NoteA", "same"));
            published.AdditionalResources.Add(new Note("NoteB", "same"));
        });
        await PublishAsync(builder);
        Read("templates/api/deployment-api-deployment.yaml").ShouldContain("serviceAccountName: \"own\"");
        Read("templates/api/notea-same.yaml").ShouldContain("kind: \"NoteA\"");
        Read("templates/api/noteb-same.yaml").ShouldContain("app.kubernetes.io/component: \"api\"");
    }

    [Fact]
    public async Task Two_objects_of_one_kind_and_name_are_refused()
    {
        var builder = Builder();
        TestHost.AddService(builder, "api").PublishAsKubernetesService(published => published.AdditionalResources.AddRange([new Note("Note", "same"), new Note("Note", "same")]));
        (await FailAsync(builder)).ShouldBe("'api' publishes two objects of kind Note and name 'same'.");
    }

    [Fact]
    public async Task A_path_of_this_machine_is_refused()
    {
        var builder = Builder();
        TestHost.AddService(builder, "api").WithEnvironment("Folder", Path.Combine(_host.Folder, "data"));
        (await FailAsync(builder)).ShouldContain("'Folder' of 'api' is '");
    }

    [Fact]
    public async Task What_runs_here_only_is_refused_by_name()
    {
        var builder = Builder();
        builder.AddPostgres("db");
        (await FailAsync(builder)).ShouldContain("'db' (PostgresServerResource) runs on this machine only");
    }

    [Fact]
    public async Task A_folder_of_somebodys_is_left_alone()
    {
        Directory.CreateDirectory(Output);
        await File.WriteAllTextAsync(Path.Combine(Output, "precious.txt"), "mine", TestContext.Current.CancellationToken);
        (await FailAsync(Builder())).ShouldEndWith("is not empty, and no chart: publish to a folder of its own.");
    }

    [Fact]
    public async Task Without_a_folder_to_write_to_it_says_so()
    {
        var builder = _host.Builder("publish");
        builder.AddKubernetesEnvironment("k8s");
        (await FailAsync(builder)).ShouldBe("Publishing needs a folder to write to: publish --output-path DIR.");
    }

    [Fact]
    public async Task Steps_run_in_the_order_that_they_ask_for()
    {
        var builder = Builder();
        var done = new List<string>();
        builder.Pipeline.AddStep("last", _ => Note("last"), dependsOn: new[] { "publish-k8s", "middle" }, requiredBy: "publish");
        builder.Pipeline.AddStep("middle", _ => Note("middle"), requiredBy: "publish");
        builder.Pipeline.AddStep("first", _ => Note("first"), requiredBy: "middle");
        builder.Pipeline.AddStep("unasked", _ => Note("unasked"));
        await PublishAsync(builder);
        done.ShouldBe(["first", "middle", "last"]);

        Task Note(string step)
        {
            done.Add(step);
            return Task.CompletedTask;
        }
    }

    private DistributedApplicationBuilder Builder()
    {
        var builder = _host.Builder("publish", "--output-path", Output);
        builder.AddKubernetesEnvironment("k8s").WithHelm(helm => helm.WithChartName("test").WithChartVersion("1.2.3"));
        return builder;
    }

    private static async Task PublishAsync(DistributedApplicationBuilder builder)
    {
        await using var app = builder.Build();
        await app.Services.GetRequiredService<Publication>().RunAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> FailAsync(DistributedApplicationBuilder builder) =>
        (await Should.ThrowAsync<DistributedApplicationException>(() => PublishAsync(builder))).Message;

    private string Read(string file) => File.ReadAllText(Path.Combine(Output, file));

    private sealed class Note : BaseKubernetesResource
    {
        public Note(string kind, string name)
            : base("test/v1", kind) => Metadata.Name = name;
    }
}
