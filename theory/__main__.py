from verify.commands import enter

if __name__ == "__main__":
    enter("theory")
