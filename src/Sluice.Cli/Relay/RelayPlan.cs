using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>How a relay serves new connections. A reload replaces it; a connection keeps the one that it began with.</summary>
internal sealed class RelayPlan(RelayArguments arguments, SelectorManager selector, RelayPlan? earlier = null)
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(5);

    public RelayArguments Arguments { get; } = arguments;

    public TargetList Targets { get; } = new(arguments.Targets, arguments.Balance, s_retryAfter, TimeProvider.System, earlier?.Targets);

    public Dialer Dialer { get; } = new(selector, arguments.Dial);

    public RelayLog Log { get; } = new(arguments.Quiet, arguments.Json);

    public int MaxConnections => Arguments.MaxConnections ?? Capacity;

    /// <summary>Gets a value indicating whether so many connections may be open that the descriptors do not last for all of them.</summary>
    public bool ExceedsDescriptors => MaxConnections > Capacity;

    private int Capacity => ConnectionCapacity.Of(Arguments.Address, others: Arguments.Targets.Max(target => ConnectionCapacity.OfLink(target.Kind)));

    /// <summary>Checks the targets, if they are to be checked, until it is stopped.</summary>
    public Task CheckAsync(CancellationToken stopping) =>
        Arguments.Check is { } interval ? new HealthCheck(Targets, Dialer, Log).RunAsync(interval, stopping) : Task.CompletedTask;
}
