using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Journals as files: what is a user's stays, what is damaged is told, and nothing is waited for but a lock.</summary>
[TestClass]
public sealed class JournalFileTests : JournaledTests
{
    [TestMethod]
    [DataRow("my only notes\n")]
    [DataRow("my only notes")]
    [DataRow("two\nlines\n")]
    [DataRow("{")]
    [DataRow("{\"event\":\"trial\"}\n")]
    [DataRow("\uFEFF\n\n{\"name\":\"package\"}")]
    [DataRow("\0")]
    public void A_file_that_is_no_journal_is_refused_and_left_as_it_is(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        File.WriteAllBytes(Journal, bytes);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, "is not the journal of a sweep");
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(Journal));
        Assert.HasCount(1, _folder.GetFiles());
    }

    [TestMethod]
    public void Files_beside_the_journal_that_are_not_ours_stay()
    {
        foreach (var extension in new[] { ".state", ".state.tmp", ".owner" }) File.WriteAllText(Journal + extension, "my only notes");
        var study = Sweep();
        Assert.HasCount(3, study.Trials);
        foreach (var extension in new[] { ".state", ".state.tmp", ".owner" })
            Assert.AreEqual("my only notes", File.ReadAllText(Journal + extension));
        StringAssert.Contains(study.Notes[0], ".state cannot be used");
        StringAssert.Contains(study.Notes[1], "A file of this name already exists, and does not belong to a sweep.");
        Assert.HasCount(2, study.Notes);
    }

    [TestMethod]
    public void A_device_in_the_place_of_the_state_stays()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Inconclusive("A device cannot be made here: only root may.");
        // One that reads as empty.
        var state = Journal + ".state";
        using (var made = Process.Start("mknod", [state, "c", "1", "3"])) made.WaitForExit();
        var study = Sweep();
        Assert.HasCount(3, study.Trials);
        using var asked = Process.Start("test", ["-c", state]);
        asked.WaitForExit();
        Assert.AreEqual(0, asked.ExitCode, "it is a device no more");
        StringAssert.Contains(study.Notes[0], $"{state} cannot be used");
        StringAssert.Contains(study.Notes[0], "it is not a regular file");
    }

    [TestMethod]
    public void The_journal_and_its_folder_are_made()
    {
        var journal = Path.Combine(_folder.FullName, "a", "b", "study.jsonl");
        Sweep(options => options with { Journal = journal });
        Assert.HasCount(4, File.ReadAllLines(journal));
        Assert.HasCount(1, new DirectoryInfo(Path.GetDirectoryName(journal)!).GetFiles());
    }

    [TestMethod]
    public void What_cannot_be_a_journal_is_told_at_once_and_not_waited_for()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => new SweepOptions { Journal = " " }).Message, "Journal must be a path.");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => new SweepOptions { Journal = "a\0b" }).Message, "Journal must be a path.");
        void Refused(string path) => StringAssert.Contains(
            Assert.ThrowsExactly<IOException>(() => Sweep(options => options with { Journal = path })).Message, "journal");
        Refused(_folder.FullName);
        if (!OperatingSystem.IsLinux()) return;
        // A device that takes what is written and keeps nothing, and one that is full, of zeros.
        Refused("/dev/null");
        Refused("/dev/full");
        var (pipe, loop) = (Path.Combine(_folder.FullName, "pipe"), Path.Combine(_folder.FullName, "loop"));
        using (var made = Process.Start("mkfifo", pipe)) made.WaitForExit();
        Refused(pipe);
        File.CreateSymbolicLink(loop, loop);
        Refused(loop);
        // A program that is running.
        var program = Path.Combine(_folder.FullName, "sleep");
        File.Copy("/bin/sleep", program);
        using var running = Process.Start(program, "60");
        try
        {
            Refused(program);
        }
        finally
        {
            running.Kill();
            running.WaitForExit();
        }
    }

    [TestMethod]
    public void A_journal_behind_a_link_is_a_journal()
    {
        File.CreateSymbolicLink(Journal, Path.Combine(_folder.FullName, "elsewhere.jsonl"));
        Sweep();
        Assert.HasCount(4, File.ReadAllLines(Path.Combine(_folder.FullName, "elsewhere.jsonl")));
    }

    [TestMethod]
    public void Who_waits_and_who_is_refused_is_told_for_whom()
    {
        using var journal = SweepJournal.Open(Journal, JournalInUse.Refuse, _ => { }, null, CancellationToken.None);
        const string Whom = "in use by another sweep of this process, since 2";
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => Sweep(options => options with { WhenJournalIsInUse = JournalInUse.Refuse })).Message, Whom);
        using var source = new CancellationTokenSource();
        var logged = new List<string>();
        _mlContext.Log += (_, entry) =>
        {
            if (!entry.Message.Contains("journal", StringComparison.Ordinal)) return;
            logged.Add(entry.Message);
            source.Cancel();
        };
        Assert.ThrowsExactly<OperationCanceledException>(() => Sweep(options => options with { CancellationToken = source.Token }));
        StringAssert.Contains(logged.Single(), Whom);
        StringAssert.Contains(logged.Single(), "The sweep waits until it ends.");
    }

    [TestMethod]
    public void Every_bit_of_a_journal_counts()
    {
        var expected = Sweep();
        var bytes = File.ReadAllBytes(Journal);
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            var damaged = (byte[])bytes.Clone();
            // The first is one of the last line's end, behind a whole event.
            damaged[i == 0 ? bytes.Length - 1 : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Journal, damaged);
            try
            {
                Same(expected, Sweep());
            }
            catch (InvalidDataException e)
            {
                refused++;
                StringAssert.Contains(e.Message, Journal);
                CollectionAssert.AreEqual(damaged, File.ReadAllBytes(Journal));
            }
        }

        Assert.IsInRange(280, 300, refused);
    }

    [TestMethod]
    public void A_digit_that_was_changed_does_not_make_the_worst_trial_the_best()
    {
        Sweep();
        var lines = File.ReadAllLines(Journal);
        var at = lines[1].LastIndexOf("\"validationLoss\":[", StringComparison.Ordinal) + "\"validationLoss\":[".Length;
        lines[1] = lines[1][..at] + (lines[1][at] == '0' ? '1' : '0') + lines[1][(at + 1)..];
        File.WriteAllLines(Journal, lines);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message,
            $"Line 2 of the journal {Journal} is damaged: its checksum does not match. Delete the line, and its trial is trained again");
        // As it says.
        File.WriteAllLines(Journal, lines.Where((_, i) => i != 1));
        Assert.HasCount(3, Sweep().Trials);
    }

    [TestMethod]
    public void Lines_of_another_study_are_refused_wherever_they_stand()
    {
        Sweep(rows: 60);
        var others = File.ReadAllLines(Journal);
        File.Delete(Journal);
        Sweep();
        var own = File.ReadAllLines(Journal);
        (string[] Lines, string Message)[] journals =
        [
            (others[1..], "is not the journal of a sweep"),
            (own[1..], "is not the journal of a sweep"),
            ([.. own, .. others], "Line 5 of the journal"),
            ([.. others, .. own], "Line 5 of the journal"),
            ([.. own[..2], others[2], own[3]], "Line 3 of the journal"),
            ([.. own, .. own], "which has already ended"),
        ];
        foreach (var (lines, message) in journals)
        {
            File.WriteAllLines(Journal, lines);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, message);
            CollectionAssert.AreEqual(lines, File.ReadAllLines(Journal));
        }
    }

    [TestMethod]
    public void A_mark_of_UTF8_blank_lines_and_other_ends_of_lines_do_no_harm()
    {
        var expected = Sweep();
        var lines = File.ReadAllLines(Journal);
        foreach (var text in new[]
        {
            "\uFEFF" + string.Join('\n', lines) + "\n", string.Join("\r\n", lines) + "\r\n", "\n\n" + string.Join("\n\n", lines) + "\n \n",
            string.Join('\n', lines[..3]) + "\n  ", string.Join('\r', lines) + "\r", string.Join('\r', lines),
        })
        {
            File.WriteAllText(Journal, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            foreach (var study in new[] { Sweep(), Sweep() })
            {
                Same(expected, study);
                Assert.IsEmpty(study.Notes);
            }

            Assert.HasCount(4, File.ReadAllLines(Journal).Where(line => line.Trim('\uFEFF', ' ').Length > 0));
        }
    }

    [TestMethod]
    [DataRow("\f")]
    [DataRow("\0")]
    [DataRow("\u2028")]
    [DataRow("")]
    public void Lines_that_something_has_joined_are_no_line_that_was_cut(string between)
    {
        Sweep();
        var bytes = Encoding.UTF8.GetBytes(string.Join(between, File.ReadAllLines(Journal)));
        File.WriteAllBytes(Journal, bytes);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, "Line 1 of the journal");
        Assert.ThrowsExactly<InvalidDataException>(() => Study.Load(Journal));
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(Journal));
    }

    [TestMethod]
    public void A_first_line_without_an_end_takes_no_memory_and_is_left_as_it_is()
    {
        const int Length = 64 << 20;
        using (var file = File.Create(Journal))
        {
            file.Write("{\"event\":\"study\""u8);
            file.SetLength(Length);
        }

        foreach (var read in new Action[] { () => Study.Load(Journal), () => Sweep() })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(read).Message, "is not the journal of a sweep");
            Assert.IsLessThan(16 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.AreEqual(Length, new FileInfo(Journal).Length);
        File.WriteAllText(Journal, "{\"event\":\"study\",\"vers");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Study.Load(Journal)).Message, "has no complete line");
    }

    [TestMethod]
    public void A_journal_that_is_written_over_while_its_sweep_runs_is_told()
    {
        if (OperatingSystem.IsWindows()) return;
        var epochs = 0;
        var study = Sweep(options => options with
        {
            TrialsTogether = 1,
            Progress = new SweepTests.Counter(() =>
            {
                if (epochs++ != 6) return;
                using var shell = Process.Start(
                    "/bin/sh", ["-c", $"printf 'xxxx' | dd of={Journal} bs=1 seek=40 conv=notrunc status=none"]);
                shell.WaitForExit();
            }),
        });
        Assert.HasCount(3, study.Trials);
        StringAssert.Contains(study.Notes.Single(), "was changed by another program during the sweep");
        StringAssert.Contains(study.Notes.Single(), "Line 1 of the journal");
    }

    [TestMethod]
    public void A_journal_that_is_deleted_or_written_to_ends_its_sweep_with_a_word()
    {
        if (OperatingSystem.IsWindows()) return;
        (Action Change, string Message)[] changes =
        [
            (() => File.Delete(Journal), "was deleted during the sweep"),
            (() => Append("a note\n"), "was changed by another program, from"),
            (() => File.Move(Journal, Journal + ".old"), "was deleted during the sweep"),
        ];
        foreach (var (change, message) in changes)
        {
            var epochs = 0;
            StringAssert.Contains(
                Assert.ThrowsExactly<IOException>(() => Sweep(options => options with
                {
                    Progress = new SweepTests.Counter(() =>
                    {
                        if (epochs++ == 0) change();
                    }),
                })).Message, message);
            foreach (var file in _folder.GetFiles("study.jsonl*")) file.Delete();
        }

        // As a program does that knows nothing of locks.
        void Append(string text)
        {
            using var shell = Process.Start("/bin/sh", ["-c", $"printf '%s' '{text}' >> {Journal}"]);
            shell.WaitForExit();
        }
    }

    [TestMethod]
    public void A_full_disk_ends_a_sweep_only_where_the_journal_is_and_leaves_whole_lines()
    {
        if (!Mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder.FullName))
            Assert.Inconclusive("A file system of 64 KiB cannot be mounted here: only root may.");
        try
        {
            // The states are more than the disk has, and the journal is not.
            var notes = new List<string>();
            var state = new SweepState(Journal, notes.Add);
            var big = new TrainingState(
                new TrainingIdentity(ImmutableSortedDictionary<string, string>.Empty, "", ""), 1, 0, null,
                [], [], [], [],
                [], [.. new byte[100_000]]);
            for (var i = 0; i < 2; i++) state.Save([(0, big)]);
            StringAssert.Contains(notes.Single(), "cannot be written. After an interruption, running trials would start from the ");
            Assert.IsEmpty(_folder.GetFiles());

            StringAssert.Contains(
                Assert.ThrowsExactly<IOException>(() => Sweep(options => options with { Strategy = SweepStrategy.Random(100) })).Message,
                "cannot be written to, and the sweep has ended. You can continue the sweep with the journal later.");
            var lines = File.ReadAllLines(Journal);
            Assert.HasCount(lines.Length - 1, Study.Load(Journal).Trials);
            Assert.AreEqual('\n', File.ReadAllText(Journal)[^1]);
            Assert.IsTrue(Mount("-o", "remount,size=1m", _folder.FullName));
            Assert.HasCount(100, Sweep(options => options with { Strategy = SweepStrategy.Random(100) }).Trials);
            CollectionAssert.AreEqual(lines, File.ReadAllLines(Journal)[..lines.Length]);

            Assert.IsTrue(Mount("-o", "remount,ro", _folder.FullName));
            StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => Sweep()).Message, "cannot be opened");
        }
        finally
        {
            Run("umount", _folder.FullName);
        }
    }

    [TestMethod]
    public void States_that_claim_more_than_they_have_take_no_memory()
    {
        Sweep();
        using (var writer = new BinaryWriter(File.Create(Journal + ".state")))
        {
            writer.Write("LRSSTATE"u8);
            writer.Write(1);
            writer.Write(0);
            writer.Write(1 << 30);
        }

        var notes = new List<string>();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsEmpty(new SweepState(Journal, notes.Add).Load());
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        StringAssert.Contains(notes.Single(), "it is truncated");
    }

    [TestMethod]
    public void A_state_that_is_well_formed_and_cannot_be_gone_on_from_is_told_and_trials_begin_anew()
    {
        var expected = Sweep();
        // The sweep is cut behind its first epoch, and what it kept is changed and sealed again.
        File.Delete(Journal);
        using var source = new CancellationTokenSource();
        Sweep(options => options with
        {
            CancellationToken = source.Token,
            Cancellation = CancellationMode.ReturnBest,
            Progress = new SweepTests.Counter(source.Cancel),
        });
        var states = new SweepState(Journal, Assert.Fail).Load();
        Assert.HasCount(3, states);
        Func<TrainingState, TrainingState>[] changes =
        [
            state => state with { Engine = state.Engine[..^3] }, state => state with { LastGood = [1, 2, 3] },
            state =>
                state with { Rates = [] }, state => state with { Epoch = int.MaxValue }, state => state with { Epoch = 3, Epochs = [] },
            state => state with { Step = 1 },
        ];
        foreach (var change in changes)
        {
            new SweepState(Journal, Assert.Fail).Save([.. states.Select(pair => (pair.Key, change(pair.Value)))]);
            var journal = File.ReadAllBytes(Journal);
            Same(expected, Sweep());
            File.WriteAllBytes(Journal, journal);
        }

        new SweepState(Journal, Assert.Fail).Save([.. states.Select(pair => (pair.Key, pair.Value))]);
        var epochs = 0;
        Same(expected, Sweep(options => options with { Progress = new SweepTests.Counter(() => epochs++) }));
        Assert.AreEqual(3, epochs, "one of four had been kept");
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(Func<SweepOptions, SweepOptions>? change = null, int rows = 80)
    {
        var options = new SweepOptions { Strategy = SweepStrategy.Random(3), Journal = Journal };
        return _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 4), TaskCase.Rows(_mlContext, rows), change?.Invoke(options) ?? options);
    }

    private static void Same(Study<TorchLinearRegressionTrainer.Options> expected, Study<TorchLinearRegressionTrainer.Options> actual)
    {
        Assert.HasCount(expected.Trials.Count, actual.Trials);
        foreach (var (a, b) in expected.Trials.Zip(actual.Trials)) Assert.AreEqual(a.Score!.Value, b.Score!.Value, 1e-6 * a.Score.Value);
    }

    private static bool Mount(params string[] arguments) => Run("mount", arguments);

    private static bool Run(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return false;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
