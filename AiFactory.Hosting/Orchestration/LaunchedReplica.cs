using System.Collections.Immutable;
using AiFactory.Hosting.Orchestration.Endpoints;
using AiFactory.Hosting.Orchestration.Processes;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

internal sealed record LaunchedReplica(ChildProcess Process, LocalProcess Description, ReplicaPorts Ports, LastWords LastWords, ImmutableArray<EnvironmentVariableSnapshot> Environment);
