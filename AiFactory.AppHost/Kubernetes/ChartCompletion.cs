namespace AiFactory.AppHost.Kubernetes;

/// <summary>
/// Adds to the published chart what Aspire has no word for: namespaces, network policies, budgets, quotas, secrets, the database, KServe's kinds, the ingress, and
/// values with their schema. One object a file, named by kind and name.
/// </summary>
internal sealed class ChartCompletion(Factory factory, string output)
{
    private const string Gateway = "gateway";

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["templates/_helpers.tpl"] = Template.Fill("_helpers.tpl", ("project", Factory.Project), ("area", Factory.ProjectArea)) };
        AddKinds(files);
        AddAreas(files);
        AddServices(files);
        AddObservability(files);
        AddEdges(files);
        AddSecrets(files);
        AddPostgres(files);
        AddProject(files);
        await new WorkloadTemplates(factory, output).CompleteAsync(cancellationToken);
        var published = await PublishedValues.ReadAsync(Path.Combine(output, "values.yaml"), cancellationToken);
        files["values.yaml"] = ChartValues.Text(factory, published);
        files["values.schema.json"] = ChartSchema.Text(factory, published);
        files["templates/NOTES.txt"] = Template.Fill("NOTES.txt", ("objectAreas", Quoted(ObjectAreas())));
        files[".helmignore"] = ".git/\n*.swp\n*.bak\n*.tmp\n";
        foreach (var (file, text) in files)
        {
            var path = Path.Combine(output, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? output);
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }

        await NameKubernetesVersionAsync(cancellationToken);
    }

    /// <summary>Our own kinds: Helm applies the folder before all else, and only at the first install.</summary>
    private static void AddKinds(SortedDictionary<string, string> files)
    {
        foreach (var (name, text) in Template.Verbatim("Crds"))
        {
            files[$"crds/{name}"] = text;
        }
    }

    private static void AddAreas(SortedDictionary<string, string> files)
    {
        foreach (var area in Factory.Areas)
        {
            files[$"templates/namespace-{area}.yaml"] = Template.Fill("namespace.yaml", ("area", area));
            files[$"templates/networkpolicy-default-deny-{area}.yaml"] = Template.Fill("networkpolicy-default-deny.yaml", ("area", area));
            files[$"templates/networkpolicy-dns-{area}.yaml"] = Template.Fill("networkpolicy-dns.yaml", ("area", area));
        }

        files["templates/priorityclass-critical.yaml"] = Template.Fill("priorityclass.yaml", ("name", "critical"), ("description", "What stands in every request's way."));
        files["templates/priorityclass-serving.yaml"] = Template.Fill("priorityclass.yaml", ("name", "serving"), ("description", "Models that answer requests."));
    }

    private void AddServices(SortedDictionary<string, string> files)
    {
        foreach (var service in factory.Services)
        {
            (string, string)[] places = [("name", service.Name), ("section", service.Section), ("area", service.Layout.Area), ("address", service.Address)];
            Add("serviceaccount.yaml", $"serviceaccount-{service.Name}");
            Add("poddisruptionbudget.yaml", $"poddisruptionbudget-{service.Name}");
            Add("networkpolicy-monitoring.yaml", $"networkpolicy-{service.Name}-from-monitoring");
            Add("networkpolicy-telemetry.yaml", $"networkpolicy-{service.Name}-to-telemetry");
            Add("networkpolicy-extra.yaml", $"networkpolicy-{service.Name}-extra");
            if (service.Resource.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal))
            {
                Add("ingress.yaml", $"ingress-{service.Name}");
                Add("networkpolicy-ingress.yaml", $"networkpolicy-{service.Name}-from-ingress");
            }

            if (service.HasIdentityProvider)
            {
                Add("networkpolicy-identity-provider.yaml", $"networkpolicy-{service.Name}-to-identity-provider");
            }

            if (service.Layout.CallsApiServer)
            {
                Add("role-approved-models.yaml", $"role-{service.Name}-approved-models");
                Add("rolebinding-approved-models.yaml", $"rolebinding-{service.Name}-approved-models");
                Add("clusterrole-approved-models-view.yaml", "clusterrole-approved-models-view");
                Add("networkpolicy-apiserver.yaml", $"networkpolicy-{service.Name}-to-kubernetes");
            }

            void Add(string template, string name) => files[$"templates/{service.Name}/{name}.yaml"] = Template.Fill(template, places);
        }
    }

    private void AddObservability(SortedDictionary<string, string> files)
    {
        var services = factory.Services.OrderBy(service => service.Name, StringComparer.Ordinal)
            .Select(service => $"(dict \"area\" \"{service.Layout.Area}\" \"component\" \"{service.Name}\" \"port\" .Values.{service.Section}.port)");
        files["templates/networkpolicy-watch.yaml"] = Template.Fill("networkpolicy-observability.yaml",
            ("services", string.Join(' ', services)),
            ("areas", Quoted(factory.Services.Select(service => service.Layout.Area).Append(Factory.ProjectArea).Distinct().Order(StringComparer.Ordinal))),
            ("area", Factory.ProjectArea));
    }

    private void AddEdges(SortedDictionary<string, string> files)
    {
        foreach (var edge in factory.Edges)
        {
            var source = factory.Service(edge.Source);
            List<(string, string)> places = [("source", source.Name), ("sourceArea", source.Layout.Area)];
            var folder = $"templates/{source.Name}/networkpolicy-{edge.Name}.yaml";
            switch (edge.Kind)
            {
                case EdgeKind.Postgres:
                    files[folder] = Template.Fill("networkpolicy-postgres-egress.yaml", places);
                    files[$"templates/postgres/networkpolicy-postgres-from-{source.Name}.yaml"] = Template.Fill("networkpolicy-postgres-ingress.yaml", places);
                    break;
                case EdgeKind.Objects:
                    files[folder] = Template.Fill("networkpolicy-objects.yaml", places);
                    break;
                default:
                    var target = factory.Service(edge.Target);
                    places.AddRange([("target", target.Name), ("targetArea", target.Layout.Area), ("targetSection", target.Section)]);
                    files[folder] = Template.Fill("networkpolicy-edge-egress.yaml", places);
                    files[$"templates/{target.Name}/networkpolicy-{target.Name}-from-{source.Name}.yaml"] = Template.Fill("networkpolicy-edge-ingress.yaml", places);
                    break;
            }
        }
    }

    /// <summary>A generated secret stands in each namespace that reads it, the same in all.</summary>
    private void AddSecrets(SortedDictionary<string, string> files)
    {
        foreach (var (secret, areas) in SecretAreas())
        {
            var all = Quoted(areas);
            foreach (var area in areas)
            {
                files[$"templates/secret-{secret.Secret}-{area}.yaml"] = secret.IsLogin
                    ? Template.Fill("secret-login.yaml", ("area", area), ("areas", all), ("secret", secret.Secret))
                    : Template.Fill("secret.yaml", ("area", area), ("areas", all), ("secret", secret.Secret), ("prefix", secret.Prefix));
            }
        }
    }

    private void AddPostgres(SortedDictionary<string, string> files)
    {
        if (factory.Databases.Count == 0)
        {
            return;
        }

        files["templates/postgres/cluster-postgres.yaml"] = Template.Fill("cluster-postgres.yaml",
            ("database", factory.Databases[0].Name), ("login", factory.Databases[0].Login),
            ("logins", Quoted(factory.Databases.Select(database => database.Login))),
            ("databases", string.Join(' ', factory.Databases.Select(database => $"\"{database.Name}\" .usernames.{database.Login}"))));
        files["templates/postgres/networkpolicy-postgres-cluster.yaml"] = Template.Fill("networkpolicy-postgres-cluster.yaml");
        foreach (var database in factory.Databases)
        {
            files[$"templates/postgres/database-{database.Name}.yaml"] = Template.Fill("database.yaml", ("database", database.Name), ("login", database.Login));
        }
    }

    private void AddProject(SortedDictionary<string, string> files)
    {
        const string Folder = $"templates/{Factory.ProjectArea}";
        var gateway = factory.Service(Gateway);
        (string, string)[] places = [("project", Factory.Project), ("area", Factory.ProjectArea), ("gateway", gateway.Name), ("gatewayArea", gateway.Layout.Area)];
        files[$"{Folder}/resourcequota-project.yaml"] = Template.Fill("resourcequota.yaml", places);
        files[$"{Folder}/limitrange-project.yaml"] = Template.Fill("limitrange.yaml", places);
        files[$"{Folder}/networkpolicy-models.yaml"] = Template.Fill("networkpolicy-models.yaml", places);
        files[$"templates/{Gateway}/networkpolicy-{Gateway}-to-models.yaml"] = Template.Fill("networkpolicy-gateway-models.yaml", places);
        files[$"{Folder}/secret-identity.yaml"] = Template.Fill("secret-identity-project.yaml", [.. places, ("areas", Quoted(SecretAreas().Single(secret => secret.Secret.Secret == "identity").Areas))]);
        files[$"{Folder}/servingruntime-aifactory-worker.yaml"] = Template.Fill("servingruntime-aifactory-worker.yaml", places);
        files[$"{Folder}/servingruntime-vllm.yaml"] = Template.Fill("servingruntime-vllm.yaml", places);
        foreach (var model in factory.Models)
        {
            files[$"{Folder}/inferenceservice-{model.Name}.yaml"] = Template.Fill("inferenceservice.yaml",
                [.. places, ("name", model.Name), ("task", model.Task), ("objectKey", model.ObjectKey), ("sha256", model.Sha256), ("size", $"{model.Size}")]);
        }
    }

    private IEnumerable<(SecretKey Secret, IReadOnlyList<string> Areas)> SecretAreas() => factory.Services
        .SelectMany(service => service.Secrets.Where(secret => secret.Generated).Select(secret => (Secret: secret, service.Layout.Area)))
        .GroupBy(use => use.Secret, use => use.Area)
        .Select(uses => (uses.Key, Areas: uses.Concat(Elsewhere(uses.Key)).Distinct().Order(StringComparer.Ordinal).ToList()))
        .OrderBy(uses => uses.Key.Secret, StringComparer.Ordinal)
        .Select(uses => (uses.Key, (IReadOnlyList<string>)uses.Areas));

    // The database's operator reads the password.
    private static IEnumerable<string> Elsewhere(SecretKey secret) => secret.IsLogin ? ["infra"] : [];

    private IEnumerable<string> ObjectAreas() => factory.Services
        .Where(service => service.Secrets.Any(secret => secret.Secret == "objects"))
        .Select(service => service.Layout.Area).Distinct().Order(StringComparer.Ordinal);

    private static string Quoted(IEnumerable<string> areas) => string.Join(' ', areas.Select(area => $"\"{area}\""));

    // Pods sleep before they stop, by the kubelet's own action: 1.30 has it.
    private async Task NameKubernetesVersionAsync(CancellationToken cancellationToken)
    {
        var chart = Path.Combine(output, "Chart.yaml");
        var lines = (await File.ReadAllLinesAsync(chart, cancellationToken)).Where(line => !line.StartsWith("kubeVersion:", StringComparison.Ordinal));
        await File.WriteAllTextAsync(chart, string.Join('\n', [.. lines.Where(line => line.Length > 0), "kubeVersion: \">=1.30.0-0\"", ""]), cancellationToken);
    }
}
