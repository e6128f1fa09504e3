try: pass
except E as e: e
else: x
finally: f
try: pass
except* E: raise e from f
