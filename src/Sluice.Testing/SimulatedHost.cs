using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Links;
using Sluice.Testing.Scheduling;
using Sluice.Testing.Sockets;
using Sluice.Testing.Tcp;
using Sluice.Testing.Tracing;
using Sluice.Testing.Udp;
using Sluice.Testing.Unix;

namespace Sluice.Testing;

/// <summary>Represents a host of a simulated network. Its programs get a <see cref="SelectorManager"/> whose sockets are on the simulated network.</summary>
public sealed class SimulatedHost
{
    private readonly List<Func<SelectorManager, Task>> _programs = [];
    private readonly Dictionary<SimulatedHost, SimulatedPath> _paths = [];
    private readonly List<int> _blackHoles = [];
    private readonly List<Action> _onCrash = [];

    private readonly UnixNames _names = new();

    private SelectorManager? _selector;

    // How many times the faults of a plan keep the host off.
    private int _offs;

    internal SimulatedHost(SimulatedNetwork network, string name, IReadOnlyList<IPAddress> addresses)
    {
        Network = network;
        Name = name;
        Addresses = addresses;
        (Domain, Tcp, Udp, Unix) = Start(TimeSpan.Zero);
    }

    /// <summary>Gets the name, which resolves to <see cref="Addresses"/>.</summary>
    public string Name { get; }

    /// <summary>Gets the addresses, in the order in which a resolver returns them.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>Gets a value indicating whether the host is on: false from <see cref="Crash"/> to <see cref="Restart"/>.</summary>
    public bool IsRunning => Domain.IsAlive;

    /// <summary>Gets the clock of the host. Its timers stop with the host.</summary>
    public SimulatedTime Time => Domain.Clock;

    /// <summary>Gets the manager of the host's sockets; a new one after each start.</summary>
    public SelectorManager Selector => _selector ??= CreateSelector(new SelectorOptions());

    /// <summary>Gets or sets how far the wall clock of the host is ahead (<see cref="TimeProvider.GetUtcNow"/>); timers keep to the time of the network.</summary>
    public TimeSpan ClockOffset
    {
        get => Domain.Clock.Offset;
        set => Domain.Clock.Offset = value;
    }

    internal SimulatedNetwork Network { get; }

    /// <summary>Gets what runs on the host, since its last start.</summary>
    internal Domain Domain { get; private set; }

    internal TcpStack Tcp { get; private set; }

    internal UdpStack Udp { get; private set; }

    internal UnixStack Unix { get; private set; }

    /// <summary>Runs a program on the host, and again after each restart. If it throws, the run has failed.</summary>
    /// <param name="program">The program. It gets <see cref="Selector"/>.</param>
    public void Run(Func<SelectorManager, Task> program)
    {
        ArgumentNullException.ThrowIfNull(program);
        _programs.Add(program);
        Begin(program);
    }

    /// <summary>Runs code on the host, once.</summary>
    /// <param name="code">The code. It gets <see cref="Selector"/>.</param>
    /// <returns>A task that ends with the code, and that is canceled if the host crashes before.</returns>
    public async Task RunAsync(Func<SelectorManager, Task> code)
    {
        ArgumentNullException.ThrowIfNull(code);
        await RunAsync<object?>(async selector =>
        {
            await code(selector);
            return null;
        });
    }

    /// <summary>Runs code that has a result on the host, once.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="code">The code. It gets <see cref="Selector"/>.</param>
    /// <returns>The result. The task is canceled if the host crashes before the code ends.</returns>
    public Task<T> RunAsync<T>(Func<SelectorManager, Task<T>> code)
    {
        ArgumentNullException.ThrowIfNull(code);
        SelectorManager selector = Selector;
        var ended = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Cancel() => ended.TrySetCanceled();
        _onCrash.Add(Cancel);
        Domain.Context.Post(_ => _ = RunToEndAsync(), null);
        return ended.Task;

        async Task RunToEndAsync()
        {
            try
            {
                ended.TrySetResult(await code(selector));
            }
            catch (Exception exception)
            {
                ended.TrySetException(exception);
            }
            finally
            {
                _onCrash.Remove(Cancel);
            }
        }
    }

    /// <summary>
    /// Turns the host off, as a power cut does: nothing of its programs runs any more, not even a finally block, and no packet leaves. Its peers hear nothing.
    /// Does nothing if it is off.
    /// </summary>
    public void Crash()
    {
        if (!IsRunning)
        {
            return;
        }

        Network.Trace.Add(TraceKind.Host, Name, null, "crash");
        Domain.Kill();
        _names.Crash();
        if (_selector is { } selector)
        {
            selector.Metrics.Unwatch(selector.Sockets);
        }

        _selector = null;
        Action[] onCrash = [.. _onCrash];
        _onCrash.Clear();
        Array.ForEach(onCrash, action => action());
    }

    /// <summary>Turns the host on, after a crash if it was on. Its programs run anew; it answers segments of earlier connections with a reset.</summary>
    public void Restart()
    {
        Crash();
        Network.Trace.Add(TraceKind.Host, Name, null, "start");
        (Domain, Tcp, Udp, Unix) = Start(ClockOffset);
        foreach (Func<SelectorManager, Task> program in _programs)
        {
            Begin(program);
        }
    }

    /// <summary>Lets nothing of the host's programs run until the result is disposed, as a long garbage collection does. Its kernel goes on.</summary>
    /// <returns>The pause.</returns>
    public IDisposable Pause()
    {
        Domain paused = Domain;
        Network.Trace.Add(TraceKind.Host, Name, null, "pause");
        paused.Pause();
        return new Fault(() =>
        {
            Network.Trace.Add(TraceKind.Host, Name, null, "resume");
            paused.Resume();
        });
    }

    /// <summary>Drops every attempt to connect to a port without an answer, as a firewall does, until the result is disposed.</summary>
    /// <param name="port">The port.</param>
    /// <returns>The rule.</returns>
    public IDisposable BlackHole(int port)
    {
        _blackHoles.Add(port);
        return new Fault(() => _blackHoles.Remove(port));
    }

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;

    /// <summary>
    /// Turns the host off until the result is disposed; until the last one is, if there are several. A host that the test has turned off, or turns on before, is left
    /// as it is.
    /// </summary>
    internal IDisposable TurnOff()
    {
        if (!IsRunning && _offs == 0)
        {
            return new Fault(() => { });
        }

        _offs++;
        Crash();
        return new Fault(() =>
        {
            _offs--;
            if (_offs == 0 && !IsRunning)
            {
                Restart();
            }
        });
    }

    internal bool IsBlackHole(int port) => _blackHoles.Contains(port);

    internal bool Has(IPAddress address) => IPAddress.IsLoopback(address) || Addresses.Contains(address);

    /// <summary>Gets the address from which packets to another leave.</summary>
    /// <exception cref="SocketException">The host has no address of the family.</exception>
    internal IPAddress SourceFor(IPAddress remote) =>
        IPAddress.IsLoopback(remote) || Addresses.Contains(remote) ? remote
        : Addresses.FirstOrDefault(address => address.AddressFamily == remote.AddressFamily)
            ?? throw new SocketException((int)SocketError.NetworkUnreachable);

    internal SimulatedPath PathTo(SimulatedHost other)
    {
        if (!_paths.TryGetValue(other, out SimulatedPath? path))
        {
            _paths.Add(other, path = new SimulatedPath(Network, this, other));
        }

        return path;
    }

    /// <summary>Processes a packet that has arrived. A host that is off does not.</summary>
    internal void Receive(Packet packet)
    {
        if (!IsRunning)
        {
            return;
        }

        switch (packet)
        {
            case TcpSegment segment:
                Tcp.Receive(segment);
                break;
            case UdpDatagram datagram:
                Udp.Receive(datagram);
                break;
            case PortUnreachable message:
                Udp.Receive(message);
                break;
        }
    }

    /// <summary>Closes the sockets at the end of the run.</summary>
    internal Task StopAsync() => _selector is { } selector && IsRunning ? selector.DisposeAsync().AsTask() : Task.CompletedTask;

    /// <summary>Creates a manager of the host's sockets.</summary>
    internal SelectorManager CreateSelector(SelectorOptions options)
    {
        if (!IsRunning)
        {
            throw new InvalidOperationException($"The host '{Name}' is off.");
        }

        if (ReferenceEquals(options.TimeProvider, TimeProvider.System))
        {
            options.TimeProvider = Time;
        }

        options.NameResolver ??= new SimulatedResolver(Network, Time);
        options.CaptureOpenStackTraces = false;

        // The garbage collector, which is outside of the simulation, would close them.
        options.KeepsDroppedSockets = true;
        Domain domain = Domain;
        TcpStack tcp = Tcp;
        UdpStack udp = Udp;
        UnixStack unix = Unix;
        return new SelectorManager(options, (given, logger) => new SimulatedEngine(given, logger, domain, tcp, udp, unix));
    }

    private (Domain Domain, TcpStack Tcp, UdpStack Udp, UnixStack Unix) Start(TimeSpan clockOffset)
    {
        var domain = new Domain(Network.Loop, Name, clockOffset);
        return (domain, new TcpStack(this, domain), new UdpStack(this, domain), new UnixStack(this, domain, _names));
    }

    private void Begin(Func<SelectorManager, Task> program)
    {
        SelectorManager selector = Selector;
        Domain domain = Domain;
        domain.Context.Post(_ => _ = RunToEndAsync(), null);

        async Task RunToEndAsync()
        {
            try
            {
                await program(selector);
            }
            catch (Exception exception)
            {
                domain.Loop.FailFrom(Name, exception);
            }
        }
    }
}
