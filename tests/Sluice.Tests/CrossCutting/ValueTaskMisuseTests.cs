using System.Collections.Concurrent;

namespace Sluice.Tests.CrossCutting;

/// <summary>A caller that takes a result twice, or too early, gets the exception. No other caller does.</summary>
[NonParallelizable]
public sealed class ValueTaskMisuseTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_result_that_is_taken_twice_fails_the_second_caller_and_no_other_call()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (client)
        await using (server)
        {
            for (int i = 0; i < 100; i++)
            {
                ValueTask<string?> line = server.Input.ReadLineAsync();
                Assert.That(line.IsCompleted, Is.False);
                await client.Output.WriteLineAsync("once").Soon();
                Assert.That(await line.ConfigureAwait(false), Is.EqualTo("once"));
                InvalidOperationException second = Assert.ThrowsAsync<InvalidOperationException>(async () => await line.ConfigureAwait(false))!;
                Assert.That(second.Message, Is.Not.Empty);
            }

            await CheckOthersAsync();
        }
    }

    [Test]
    public async Task A_result_that_is_taken_too_early_fails_the_caller_and_no_other_call()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (client)
        await using (server)
        {
            for (int i = 0; i < 100; i++)
            {
                ValueTask<string?> line = server.Input.ReadLineAsync();
#pragma warning disable CA2012 // The mistake that this is about.
                InvalidOperationException early = Assert.Throws<InvalidOperationException>(() => line.GetAwaiter().GetResult())!;
#pragma warning restore CA2012
                Assert.That(early.Message, Does.Contain("AsTask"));
                await client.Output.WriteLineAsync("once").Soon();
                Assert.That(await line.ConfigureAwait(false), Is.EqualTo("once"));
            }

            await CheckOthersAsync();
        }
    }

    // The framework throws in the second caller's builder, where nothing can catch it, if the source throws: the process would end.
    [Test]
    public async Task A_result_that_two_callers_wait_for_fails_one_of_them()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (client)
        await using (server)
        {
            for (int i = 0; i < 100; i++)
            {
#pragma warning disable CA2012 // The mistake that this is about.
                ValueTask<string?> line = server.Input.ReadLineAsync();
                Task<string?> first = AwaitAsync(line), second = AwaitAsync(line);
#pragma warning restore CA2012
                Assert.That(await second.OutcomeAsync(), Is.InstanceOf<InvalidOperationException>());
                await client.Output.WriteLineAsync("once").Soon();
                Assert.That(await first.Soon(), Is.EqualTo("once"));
            }

            await CheckOthersAsync();
        }

        static async Task<string?> AwaitAsync(ValueTask<string?> line) => await line.ConfigureAwait(false);
    }

    [Test]
    public async Task A_method_without_a_result_that_is_awaited_twice_fails_the_second_caller_and_no_other_call()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (client)
        await using (server)
        {
            for (int i = 0; i < 3; i++)
            {
                ValueTask writing = client.Output.WriteAsync(new byte[50_000_000]);
                Assert.That(writing.IsCompleted, Is.False);
                await server.Input.SkipAsync(50_000_000).Soon();
                await writing.ConfigureAwait(false);
                Assert.ThrowsAsync<InvalidOperationException>(async () => await writing.ConfigureAwait(false));
            }

            await CheckOthersAsync();
        }
    }

    [Test]
    public async Task A_result_that_many_threads_take_at_once_is_given_to_one_of_them()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using (client)
        await using (server)
        {
            for (int i = 0; i < 200; i++)
            {
                ValueTask<string?> line = server.Input.ReadLineAsync();
                await client.Output.WriteLineAsync("once").Soon();
                await Waiting.UntilAsync(() => line.IsCompleted);
                var outcomes = new ConcurrentBag<Exception?>();
                using var start = new Barrier(4);
                await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                    () =>
                    {
                        start.SignalAndWait();
                        try
                        {
#pragma warning disable CA2012 // The mistake that this is about.
                            Assert.That(line.GetAwaiter().GetResult(), Is.EqualTo("once"));
#pragma warning restore CA2012
                            outcomes.Add(null);
                        }
                        catch (InvalidOperationException exception)
                        {
                            outcomes.Add(exception);
                        }
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default))).Soon();
                Assert.That(outcomes.Count(outcome => outcome is null), Is.EqualTo(1));
            }

            await CheckOthersAsync();
        }
    }

    // Reads of many connections at once: two of them would share an object that was returned twice.
    private async Task CheckOthersAsync()
    {
        (Connection Client, Connection Server)[] pairs = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ConnectPairAsync()));
        for (int round = 0; round < 20; round++)
        {
            Task<string?>[] lines = [.. pairs.Select(pair => pair.Server.Input.ReadLineAsync().AsTask())];
            for (int i = 0; i < pairs.Length; i++)
            {
                await pairs[i].Client.Output.WriteLineAsync($"{i}").Soon();
            }

            Assert.That(await Task.WhenAll(lines).Soon(), Is.EqualTo(Enumerable.Range(0, pairs.Length).Select(i => $"{i}")));
        }

        foreach ((Connection client, Connection server) in pairs)
        {
            client.Abort();
            server.Abort();
        }
    }
}
