using System.Net;
using Sluice.Testing.Links;
using Sluice.Testing.Scheduling;
using Sluice.Testing.Tcp;
using Sluice.Testing.Tracing;

namespace Sluice.Testing;

/// <summary>Represents the network of one run: its hosts, the links between them, the clock, and the faults.</summary>
public sealed class SimulatedNetwork
{
    // One of so many segments is cut at a random byte, so that a reader cannot depend on where segments end.
    private const int OddSegments = 8;

    private readonly List<SimulatedHost> _hosts = [];
    private readonly Dictionary<string, SimulatedHost> _hostsByName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, IPAddress[]> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<IPAddress, SimulatedHost> _hostsByAddress = [];
    private int _flows;

    internal SimulatedNetwork(SimulationLoop loop, Domain test, ulong seed, SeededRandom draws, SimulationOptions options, IReadOnlySet<int> leftOut)
    {
        Loop = loop;
        Test = test;
        Seed = seed;
        Draws = draws;
        Random = new RandomAdapter(draws.Fork());
        Rules = new PacketRules(this);
        Faults = new FaultPlan(this, draws.Fork(), leftOut);
        Trace = new SimulationTrace(loop.Agenda, options.TraceCapacity);
    }

    /// <summary>Gets the seed of the run.</summary>
    public ulong Seed { get; }

    /// <summary>Gets the clock of the test.</summary>
    public SimulatedTime Time => Test.Clock;

    /// <summary>Gets a generator for the decisions of the test, which depends on the seed alone.</summary>
    public Random Random { get; }

    /// <summary>Gets what has happened so far.</summary>
    public SimulationTrace Trace { get; }

    /// <summary>Gets the hosts, in the order of their creation.</summary>
    public IReadOnlyList<SimulatedHost> Hosts => _hosts;

    /// <summary>Gets or sets how long packets travel over a link that has no latency of its own. Default: 0.1 ms to 1 ms.</summary>
    public LatencyModel Latency
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = LatencyModel.Uniform(TimeSpan.FromMilliseconds(0.1), TimeSpan.FromMilliseconds(1));

    internal SimulationLoop Loop { get; }

    internal Agenda Agenda => Loop.Agenda;

    internal Domain Test { get; }

    internal FaultPlan Faults { get; }

    internal PacketRules Rules { get; }

    /// <summary>Gets the generator of the network itself.</summary>
    internal SeededRandom Draws { get; }

    internal LatencyModel LoopbackLatency { get; } = LatencyModel.Uniform(TimeSpan.FromMicroseconds(5), TimeSpan.FromMicroseconds(50));

    /// <summary>Adds a host, which is on from now on. Its name resolves to its addresses.</summary>
    /// <param name="name">The name.</param>
    /// <param name="addresses">Its addresses; none for one of IPv6 and one of IPv4.</param>
    /// <returns>The host.</returns>
    /// <exception cref="ArgumentException">There is such a name or address already.</exception>
    public SimulatedHost AddHost(string name, params IPAddress[] addresses)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(addresses);
        int number = _hosts.Count + 1;
        IPAddress[] own = addresses.Length > 0
            ? [.. addresses]
            : [IPAddress.Parse($"fd00::{number:x}"), new IPAddress([10, 0, (byte)(number >> 8), (byte)number])];
        if (_hostsByName.ContainsKey(name) || Array.Find(own, _hostsByAddress.ContainsKey) is not null)
        {
            throw new ArgumentException($"There is a host '{name}', or a host with one of its addresses, already.", nameof(name));
        }

        var host = new SimulatedHost(this, name, own);
        _hosts.Add(host);
        _hostsByName.Add(name, host);
        Array.ForEach(own, address => _hostsByAddress.Add(address, host));
        Trace.AddHost(name);
        return host;
    }

    /// <summary>Adds a name, or changes the addresses of one, also of a host.</summary>
    /// <param name="name">The name.</param>
    /// <param name="addresses">The addresses that it resolves to, in the order in which a resolver returns them. They need not exist.</param>
    public void SetName(string name, params IPAddress[] addresses)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(addresses);
        _names[name] = [.. addresses];
    }

    /// <summary>Gets the host with a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The host.</returns>
    /// <exception cref="ArgumentException">There is none.</exception>
    public SimulatedHost GetHost(string name) =>
        _hostsByName.TryGetValue(name, out SimulatedHost? host) ? host : throw new ArgumentException($"There is no host '{name}'.", nameof(name));

    /// <summary>Gets the link between two hosts.</summary>
    /// <param name="one">A host.</param>
    /// <param name="other">The other.</param>
    /// <returns>The link.</returns>
    public SimulatedLink Link(SimulatedHost one, SimulatedHost other) => new(Path(one, other), Path(other, one));

    /// <summary>Gets the link between two hosts by their names.</summary>
    /// <inheritdoc cref="Link(SimulatedHost, SimulatedHost)"/>
    public SimulatedLink Link(string one, string other) => Link(GetHost(one), GetHost(other));

    /// <summary>Gets the way from one host to another.</summary>
    /// <param name="from">The host that sends.</param>
    /// <param name="to">The host that receives.</param>
    /// <returns>The path.</returns>
    /// <exception cref="ArgumentException">The hosts are those of another network.</exception>
    public SimulatedPath Path(SimulatedHost from, SimulatedHost to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return ReferenceEquals(from.Network, this) && ReferenceEquals(to.Network, this)
            ? from.PathTo(to)
            : throw new ArgumentException("The hosts are those of another network.", nameof(from));
    }

    /// <summary>Loses every packet between two hosts, until the result is disposed.</summary>
    /// <param name="one">A host.</param>
    /// <param name="other">The other.</param>
    /// <returns>The partition.</returns>
    public IDisposable Partition(SimulatedHost one, SimulatedHost other) => Both(Path(one, other).Partition(), Path(other, one).Partition());

    /// <summary>Loses every packet between some hosts and all others, until the result is disposed.</summary>
    /// <param name="side">The hosts on one side, which reach each other.</param>
    /// <returns>The partition.</returns>
    public IDisposable Isolate(params IReadOnlyCollection<SimulatedHost> side)
    {
        ArgumentNullException.ThrowIfNull(side);
        IDisposable[] parts = [.. side.SelectMany(one => _hosts.Except(side).Select(other => Partition(one, other)))];
        return new Fault(() => Array.ForEach(parts, part => part.Dispose()));
    }

    /// <summary>Keeps every packet between two hosts, until the result is disposed. They all arrive after that.</summary>
    /// <param name="one">A host.</param>
    /// <param name="other">The other.</param>
    /// <returns>The hold.</returns>
    public IDisposable Hold(SimulatedHost one, SimulatedHost other) => Both(Path(one, other).Hold(), Path(other, one).Hold());

    /// <summary>
    /// Adds a rule, which sees every packet that a host sends and decides what becomes of it, until the result is disposed. Rules are asked in the order in
    /// which they were added, until one does not accept the packet; partitions and losses come before them.
    /// </summary>
    /// <param name="rule">The rule. It depends on the packet and on state of the test, and a run is repeated with its seed only if that state does not outlive it.</param>
    /// <returns>The rule. Its disposal removes it, and lets the packets go that it holds.</returns>
    public IDisposable AddRule(Func<SimulatedPacket, PacketVerdict> rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Rules.Add(rule);
    }

    /// <summary>
    /// Lets faults happen that the seed chooses: their kinds, hosts, times, and how long each lasts, up to 30 s. If the run fails, it is repeated with fewer of
    /// them, and the failure is that of the smallest set that was found to cause one.
    /// </summary>
    /// <param name="count">The number of faults.</param>
    /// <param name="within">The time from now in which they begin.</param>
    /// <param name="kinds">The kinds to choose from.</param>
    public void ScheduleFaults(int count, TimeSpan within, SimulatedFaultKinds kinds = SimulatedFaultKinds.All)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.Zero);
        if (kinds == SimulatedFaultKinds.None || (kinds & ~SimulatedFaultKinds.All) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(kinds), kinds, "There is no such kind.");
        }

        if (_hosts.Count == 0)
        {
            throw new InvalidOperationException("The network has no host yet.");
        }

        Faults.Add(count, within, kinds);
    }

    /// <summary>Resolves a name; none if there is no such name.</summary>
    internal IPAddress[] Resolve(string name) =>
        _names.TryGetValue(name, out IPAddress[]? addresses) ? addresses
        : _hostsByName.TryGetValue(name, out SimulatedHost? host) ? [.. host.Addresses]
        : [];

    internal TcpFlow CreateFlow() => new(++_flows);

    /// <summary>Draws the length of a segment, if there are so many bytes to send.</summary>
    internal int Fragment(int length) => length > 1 && Draws.Next(OddSegments) == 0 ? 1 + Draws.Next(length) : length;

    /// <summary>Sends a packet to the host that has its destination; returns when it arrives, unless it is lost.</summary>
    internal long Send(SimulatedHost from, Packet packet, long notBefore)
    {
        IPAddress address = packet.Destination.Address;
        SimulatedHost? to = IPAddress.IsLoopback(address) ? from : _hostsByAddress.GetValueOrDefault(address);
        return to is null ? notBefore : from.PathTo(to).Send(packet, notBefore);
    }

    internal void TraceFault(SimulatedHost one, SimulatedHost? other, string what) => Trace.Add(TraceKind.Link, one.Name, other?.Name, what);

    private static Fault Both(IDisposable there, IDisposable back) => new(() =>
    {
        there.Dispose();
        back.Dispose();
    });
}
