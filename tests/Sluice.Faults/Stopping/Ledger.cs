using System.Collections.Concurrent;

namespace Sluice.Faults.Stopping;

/// <summary>What the server has answered and what the clients have received, by connection.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, int> _answered = new();
    private readonly ConcurrentDictionary<string, (int Count, string End)> _received = new();
    private TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<string> Faults { get; } = new();

    public long Answered { get; private set; }

    public long Connections { get; private set; }

    public long Aborted { get; private set; }

    public void NoteAnswered(string name, int count) => _answered[name] = count;

    public void NoteReceived(string name, int count, string end) => _received[name] = (count, end);

    /// <summary>Notes a reply.</summary>
    public void NoteReply() => _begun.TrySetResult();

    /// <summary>Waits for the first reply.</summary>
    public Task WaitForReplyAsync() => _begun.Task;

    /// <summary>Compares the two, once both sides have ended, and begins anew.</summary>
    /// <param name="aborted">How many connections the stop has aborted: of these, replies may be lost.</param>
    public void Check(int aborted)
    {
        int incomplete = 0;
        foreach ((string name, int answered) in _answered)
        {
            (int received, string end) = _received.GetValueOrDefault(name);
            Answered += answered;
            if (received < answered && ++incomplete > aborted)
            {
                Faults.Enqueue($"{answered} requests of {name} were answered, and {received} replies received before '{end}'; {aborted} connections were aborted");
            }
        }

        Connections += _answered.Count;
        Aborted += aborted;
        _answered.Clear();
        _received.Clear();
        _begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
