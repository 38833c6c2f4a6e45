using System.Collections.Concurrent;
using CsCheck;

namespace Sluice.Client.Tests;

/// <summary>
/// Callers, a peer, cancellations, deadlines, pushes and a death at random: each request ends once, with its own reply or with a reason that is true.
/// </summary>
[TestFixture]
public sealed class MatchingModelTests
{
    private enum Death
    {
        None,
        End,
        Abort,
        Garbage,
        Disposal,
    }

    [Test]
    public void Each_request_ends_once_with_its_own_reply_or_a_cause() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Bool, Gen.Enum<Death>(), Gen.Int[1, 12], Gen.Int[1, 8], Gen.Int[1, 40]).SampleAsync(
            (seed, isMultiplexed, death, callers, maxInFlight, fragment) =>
                new Model(seed, isMultiplexed, death, callers, maxInFlight, fragment).RunAsync().Soon(), iter: 200, threads: 2).GetAwaiter().GetResult();

    private sealed class Model
    {
        private const int RequestsPerCaller = 15;

        private readonly int _seed;
        private readonly Death _death;
        private readonly bool _isMultiplexed;
        private readonly int _callers;
        private readonly Connection _peer;
        private readonly RequestChannel<string, string> _channel;
        private readonly ConcurrentDictionary<string, int> _received = new();
        private int _ended;

        public Model(int seed, bool isMultiplexed, Death death, int callers, int maxInFlight, int fragment)
        {
            _seed = seed;
            _isMultiplexed = isMultiplexed;
            _death = death;
            _callers = callers;
            (Connection client, _peer) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { MaxFragment = fragment, Capacity = 64 });
            var options = new RequestChannelOptions
            {
                MaxInFlight = maxInFlight,
                PushCapacity = 3,
                RequestTimeout = TimeSpan.FromMilliseconds(seed % 3 == 0 ? 20 : 10_000),
            };
            _channel = isMultiplexed
                ? RequestChannel.Create(client, new IdProtocol(maxId: 1000), options)
                : RequestChannel.Create(client, new LineProtocol(), options);
        }

        public async Task RunAsync()
        {
            Task peer = Task.Run(PlayPeerAsync);
            Task[] callers = [.. Enumerable.Range(0, _callers).Select(caller => Task.Run(() => CallAsync(caller)))];
            if (_death == Death.Disposal)
            {
                await Task.Delay(new Random(_seed).Next(5));
                await _channel.DisposeAsync();
            }

            await Task.WhenAll(callers);
            Assert.That(_ended, Is.EqualTo(_callers * RequestsPerCaller));
            Assert.That(_received.Values, Is.All.EqualTo(1), "each request is sent once");
            Assert.That(_channel.Queued, Is.Zero);
            await _channel.DisposeAsync();
            await _channel.Completion;
            await peer;
            Assert.That(_channel.InFlight, Is.Zero);
            if (_death is Death.None or Death.Disposal)
            {
                Assert.That(_channel.CloseCause, Is.Null.Or.InstanceOf<TimeoutException>());
            }
        }

        private async Task CallAsync(int caller)
        {
            var random = new Random(HashCode.Combine(_seed, caller));
            for (int i = 0; i < RequestsPerCaller; i++)
            {
                string text = $"{caller}.{i}{new string('x', random.Next(4) == 0 ? random.Next(200) : 0)}";
                using var source = new CancellationTokenSource();
                if (random.Next(4) == 0)
                {
                    source.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
                }

                ValueTask<string> sending = _channel.SendAsync(text, source.Token);
                if (random.Next(6) == 0)
                {
                    await source.CancelAsync();
                }

                await EndAsync(sending, text, source.Token);
            }
        }

        private async Task EndAsync(ValueTask<string> sending, string text, CancellationToken cancellationToken)
        {
            try
            {
                string reply = await sending.ConfigureAwait(false);
                Assert.That(_isMultiplexed ? IdProtocol.TextOf(reply) : reply, Is.EqualTo(text));
            }
            catch (OperationCanceledException exception)
            {
                Assert.That(exception.CancellationToken, Is.EqualTo(cancellationToken));
                Assert.That(cancellationToken.IsCancellationRequested);
            }
            catch (RequestException exception)
            {
                if (exception.Delivery == RequestDelivery.NotSent)
                {
                    Assert.That(_received.ContainsKey(text), Is.False, "it was said not to be sent");
                }
            }

            Interlocked.Increment(ref _ended);
        }

        private async Task PlayPeerAsync()
        {
            var random = new Random(_seed);
            int deathAt = random.Next(_callers * RequestsPerCaller);
            List<string> held = [];
            try
            {
                while (await _peer.Input.ReadLineAsync() is { } line)
                {
                    _received.AddOrUpdate(_isMultiplexed ? IdProtocol.TextOf(line) : line, 1, (_, count) => count + 1);
                    if (_received.Count > deathAt && await DieAsync())
                    {
                        return;
                    }

                    if (random.Next(5) == 0)
                    {
                        await _peer.Output.WriteStringAsync(">push\n");
                    }

                    held.Add(line);
                    if (random.Next(20) == 0)
                    {
                        await Task.Delay(1);
                    }

                    // The held ones can be all that are in flight: then no further line comes.
                    while (held.Count > 0 && (held.Count > 3 || !_isMultiplexed || random.Next(2) == 0 || _peer.Input.AvailableForRead == 0))
                    {
                        int index = _isMultiplexed ? random.Next(held.Count) : 0;
                        await _peer.Output.WriteStringAsync(held[index] + "\n");
                        held.RemoveAt(index);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // The channel has ended.
            }
        }

        private async Task<bool> DieAsync()
        {
            switch (_death)
            {
                case Death.End:
                    await _peer.CloseAsync();
                    return true;
                case Death.Abort:
                    _peer.Abort();
                    return true;
                case Death.Garbage:
                    await _peer.Output.WriteStringAsync("boom\n");
                    return true;
                default:
                    return false;
            }
        }
    }
}
